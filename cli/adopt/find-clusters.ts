import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, relative, resolve } from "node:path";

import { inspectCluster, loadConfig } from "../../components/nodes/existing/inspect";
import { readContexts, selectContext } from "../../components/nodes/existing/kubeconfig";
import { findProject } from "../../components/project-folder";
import type { KubeconfigReference } from "../../fleet/model";
import { describeUnknown } from "../../fleet/problem";
import { DNS_LABEL_RULE, isDnsLabel } from "../../fleet/reading/forms";
import type { FoundCluster } from "./describe-fleet";
import { toDnsLabel } from "./pools";

/** Which clusters to adopt. */
export interface Wanted {
  /** Paths of kubeconfigs. */
  readonly kubeconfigs: readonly string[];
  /** Names of contexts. @default the current context of each kubeconfig */
  readonly contexts: readonly string[];
  /** Names of the clusters, in their order. @default derived from the contexts */
  readonly names: readonly string[];
  /** File that the fleet is written to. */
  readonly output: string;
}

/** A context of a kubeconfig. */
interface Chosen {
  readonly file: string;
  readonly text: string;
  readonly context: string;
  /** Whether the context is not the current one, so that the fleet must state it. */
  readonly stated: boolean;
}

function chooseContexts({ kubeconfigs, contexts }: Wanted): Chosen[] {
  const files = kubeconfigs.map((file) => {
    try {
      const text = readFileSync(file, "utf8");
      return { file, text, ...readContexts(text) };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new Error(`--kubeconfig: ${file}: ${code === "ENOENT" ? "does not exist" : message}`, { cause: error });
    }
  });
  if (contexts.length === 0) {
    return files.map(({ file, text, current }) => {
      if (current === undefined)
        throw new Error(`--kubeconfig: ${file} has no current context: choose one with --context`);
      return { file, text, context: current, stated: false };
    });
  }
  return contexts.map((context) => {
    const found = files.find(({ names }) => names.includes(context));
    if (!found)
      throw new Error(
        `--context: ${describeUnknown(
          "context",
          context,
          files.flatMap(({ names }) => names),
        )}`,
      );
    return { file: found.file, text: found.text, context, stated: context !== found.current };
  });
}

/** Returns a path as the fleet states it: relative to its project, below the home folder, or absolute. */
function portablePath(file: string, output: string): string {
  const project = findProject(dirname(resolve(output))) ?? dirname(resolve(output));
  const isInside = (path: string): boolean => !path.startsWith("..") && !isAbsolute(path);
  const fromProject = relative(project, resolve(file));
  const fromHome = relative(homedir(), resolve(file));
  if (isInside(fromProject)) return fromProject;
  return isInside(fromHome) ? `~/${fromHome}` : resolve(file);
}

/** Names that distributions give to every cluster. */
const GENERIC_NAMES = ["default", "kubernetes-admin", "local"];

function nameClusters(chosen: readonly Chosen[], { names }: Wanted): string[] {
  if (names.length > chosen.length) {
    throw new Error(`--name: got ${names.length} names, but there are ${chosen.length} clusters`);
  }
  const all = chosen.map(({ context }, index) => {
    const given = names[index];
    if (given !== undefined) {
      if (!isDnsLabel(given)) throw new Error(`--name: ${DNS_LABEL_RULE}, got "${given}"`);
      return given;
    }
    // ARNs and paths end with the name of the cluster.
    const name = toDnsLabel(context.split(/[/:@]/).at(-1) ?? "", "");
    if (name === "" || GENERIC_NAMES.includes(name)) {
      throw new Error(`--name: state a name for the cluster of context "${context}", which says nothing about it`);
    }
    return name;
  });
  const twice = all.find((name, index) => all.indexOf(name) !== index);
  if (twice !== undefined)
    throw new Error(`--name: two clusters would have the name "${twice}": state one for each cluster`);
  return all;
}

/**
 * Reads the clusters of kubeconfigs. Changes nothing.
 *
 * @throws Error that names every cluster that cannot be read
 */
export async function findClusters(wanted: Wanted): Promise<FoundCluster[]> {
  const chosen = chooseContexts(wanted);
  const names = nameClusters(chosen, wanted);
  const problems: string[] = [];
  const found = await Promise.all(
    chosen.map(async ({ file, text, context, stated }, index): Promise<FoundCluster | undefined> => {
      const name = names[index]!;
      const kubeconfig: KubeconfigReference = { path: portablePath(file, wanted.output), ...(stated && { context }) };
      try {
        const config = await loadConfig(selectContext(text, context, dirname(resolve(file))));
        return { name, kubeconfig, observed: await inspectCluster(config) };
      } catch (error) {
        problems.push(`cluster ${name}: ${(error as Error).message}`);
        return undefined;
      }
    }),
  );
  if (problems.length > 0) throw new Error(problems.sort().join("\n  "));
  const clusters = found.filter((cluster) => cluster !== undefined);
  const uids = clusters.map(({ observed }) => observed.uid);
  const again = clusters.find((_, index) => uids.indexOf(uids[index]!) !== index);
  if (again) throw new Error(`cluster ${again.name}: is the same cluster as another one (equal kube-system UID)`);
  return clusters;
}
