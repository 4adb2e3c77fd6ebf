import type { KubeConfig } from "@kubernetes/client-node";

import type { KubeObject } from "../../fleet/kubernetes/object";
import { type Answer, ApiServer } from "./api-server";
import { eventually } from "./eventually";

/** Requests under way at a time. */
const AT_ONCE = 16;

/** One field that a `Status` complains of. */
export interface StatusCause {
  readonly reason: string;
  readonly field: string;
  readonly message: string;
}

/** What became of an object in a dry run. */
export interface DryRun {
  readonly outcome: "accepted" | "refused" | "failed";
  readonly causes: readonly StatusCause[];
  /** Of the `Status`, where it has no causes. */
  readonly message?: string;
  readonly warnings: readonly string[];
}

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** Fields that strict decoding names, as `StatusCause`s. */
function strictCauses(message = ""): StatusCause[] {
  const [, list = ""] = message.split("strict decoding error: ");
  return [...list.matchAll(/(unknown|duplicate) field "((?:[^"\\]|\\.)*)"/g)].map(([, what, field]) => ({
    reason: what === "unknown" ? "UnknownField" : "DuplicateField",
    field: field!,
    message: "",
  }));
}

/** Asks an API server what would become of objects in namespace `default`, with unknown fields refused. */
class DryRuns {
  private readonly collections = new Map<string, Promise<ReadonlyMap<string, string>>>();

  constructor(private readonly api: ApiServer) {}

  async of(object: KubeObject): Promise<DryRun> {
    const strict = await this.create(object, "Strict");
    const unknown = strict.status === 400 ? strictCauses(strict.body.message) : [];
    if (unknown.length === 0) return this.read(strict);
    // As with kubectl: what else is wrong is said once those fields are gone.
    const rest = this.read(await this.create(object, "Ignore"));
    const said = rest.message === undefined ? [] : [{ reason: "", field: "", message: rest.message }];
    return { outcome: "refused", causes: [...unknown, ...rest.causes, ...said], warnings: strict.warnings };
  }

  private async create(object: KubeObject, fieldValidation: string): Promise<Answer> {
    const { apiVersion, kind } = object;
    let collections = this.collections.get(apiVersion);
    if (!collections) this.collections.set(apiVersion, (collections = this.collectionsOf(apiVersion)));
    const collection = (await collections).get(kind);
    if (collection === undefined) throw new Error(`no API for ${apiVersion} ${kind}`);
    try {
      return await this.api.send("POST", collection, object, { dryRun: "All", fieldValidation });
    } catch (error) {
      // A handler that panics ends the connection.
      if ((error as NodeJS.ErrnoException).code !== "UND_ERR_SOCKET") throw error;
      return { status: 500, body: {}, warnings: [] };
    }
  }

  private async collectionsOf(apiVersion: string): Promise<ReadonlyMap<string, string>> {
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const { body } = await this.api.send("GET", root);
    const { resources = [] } = body as { resources?: readonly Resource[] };
    return new Map(
      resources
        .filter(({ name }) => !name.includes("/"))
        .map(({ name, kind, namespaced }) => [kind, `${root}${namespaced ? "/namespaces/default" : ""}/${name}`]),
    );
  }

  private read({ status, body, warnings }: Answer): DryRun {
    // An object of that name exists: nothing else was wrong with it.
    if (status === 201 || status === 409) return { outcome: "accepted", causes: [], warnings };
    const causes = body.details?.causes ?? [];
    return {
      outcome: status >= 500 ? "failed" : "refused",
      causes: causes.map(({ reason = "", field = "", message = "" }) => ({ reason, field, message })),
      ...(causes.length === 0 && { message: body.message }),
      warnings,
    };
  }
}

/**
 * What an API server would make of objects, each by itself.
 *
 * @param definitions of kinds that some of them have: created, and not just asked about
 */
export async function dryRuns(
  config: KubeConfig,
  objects: readonly KubeObject[],
  definitions: readonly KubeObject[],
): Promise<DryRun[]> {
  const api = new ApiServer(config);
  try {
    const account = "/api/v1/namespaces/default/serviceaccounts/default";
    await eventually("the default account", 120, async () => (await api.send("GET", account)).status === 200);
    for (const definition of definitions) {
      await api.made(definition);
      const { group, versions } = definition.spec as { group: string; versions: { name: string }[] };
      for (const { name } of versions) {
        const served = async () => (await api.send("GET", `/apis/${group}/${name}`)).status === 200;
        await eventually(`${group}/${name}`, 60, served);
      }
    }
    const asked = new DryRuns(api);
    const answers: DryRun[] = [];
    let next = 0;
    const ask = async (): Promise<void> => {
      for (let index = next++; index < objects.length; index = next++) answers[index] = await asked.of(objects[index]!);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
    return answers;
  } finally {
    await api.close();
  }
}
