import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";

import { readDocument } from "../../../fleet/kubernetes/yaml";
import { describeUnknown } from "../../../fleet/problem";
import { projectFolder } from "../../project-folder";

type Fields = Readonly<Record<string, unknown>>;

/** The fields of a kubeconfig that are read. */
interface Kubeconfig {
  readonly "current-context"?: string;
  readonly contexts?: readonly {
    readonly name: string;
    readonly context?: { readonly cluster?: string; readonly user?: string };
  }[];
  readonly clusters?: readonly { readonly name: string; readonly cluster?: Fields }[];
  readonly users?: readonly { readonly name: string; readonly user?: Fields }[];
}

/** Fields that name a file, and the fields that hold its content instead. */
const FILE_FIELDS = ["certificate-authority", "client-certificate", "client-key"] as const;

/** Returns the absolute path of a kubeconfig. Relative paths start at the project, `~/` at the home folder. */
export function kubeconfigPath(path: string): string {
  if (path.startsWith("~/")) return join(homedir(), path.slice(2));
  return resolve(projectFolder ?? process.cwd(), path);
}

function parse(text: string): Kubeconfig {
  let value: unknown;
  try {
    ({ value } = readDocument(text));
  } catch {
    // The message of a parser quotes the text, which has credentials.
  }
  if (typeof value !== "object" || value === null) throw new Error("must be a kubeconfig in YAML or JSON");
  return value;
}

/** Returns the names of a kubeconfig's contexts, and the current one. */
export function readContexts(text: string): {
  readonly current: string | undefined;
  readonly names: readonly string[];
} {
  const { contexts = [], "current-context": current } = parse(text);
  return { current: current || undefined, names: contexts.map(({ name }) => name) };
}

/** Replaces references to files by their content, so that the kubeconfig can be used from any folder. */
function embedFiles(fields: Fields, folder: string): Fields {
  const embedded: Record<string, unknown> = { ...fields };
  for (const field of FILE_FIELDS) {
    const file = fields[field];
    if (typeof file !== "string") continue;
    delete embedded[field];
    embedded[`${field}-data`] ??= readFileSync(resolve(folder, file)).toString("base64");
  }
  return embedded;
}

/**
 * Returns a kubeconfig with one context only, and with the content of the files that it refers to.
 *
 * @param text the kubeconfig
 * @param context name of the context. @default the current context
 * @param folder folder of the kubeconfig, from which its paths are relative
 * @throws Error if the kubeconfig or the context is incomplete. The message contains no credentials
 */
export function selectContext(text: string, context?: string, folder = "/"): string {
  const { contexts = [], clusters = [], users = [], "current-context": current } = parse(text);
  const name = context ?? current;
  if (!name) throw new Error("the kubeconfig has no current context: state one");
  const chosen = contexts.find((each) => each.name === name)?.context;
  if (!chosen)
    throw new Error(
      describeUnknown(
        "context",
        name,
        contexts.map((each) => each.name),
      ),
    );
  const cluster = clusters.find((each) => each.name === chosen.cluster)?.cluster;
  const user = users.find((each) => each.name === chosen.user)?.user;
  if (!cluster)
    throw new Error(`context "${name}" refers to cluster "${chosen.cluster}", which the kubeconfig does not have`);
  if (!user) throw new Error(`context "${name}" refers to user "${chosen.user}", which the kubeconfig does not have`);
  const selected = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: embedFiles(cluster, folder) }],
    users: [{ name, user: embedFiles(user, folder) }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  };
  return `${JSON.stringify(selected, null, 2)}\n`;
}

/**
 * Reads a kubeconfig from a file and selects a context.
 *
 * @param path path as in the fleet
 * @param context name of the context. @default the current context
 * @throws Error if it cannot be read or is incomplete
 */
export function readKubeconfig(path: string, context?: string): string {
  const file = kubeconfigPath(path);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(code === "ENOENT" ? `${file} does not exist` : `cannot read ${file}: ${code}`, { cause: error });
  }
  return selectContext(text, context, dirname(file));
}
