import type { KubeConfig } from "@kubernetes/client-node";

import type { KubeObject } from "../../fleet/kubernetes/object";
import { type Answer, ApiServer } from "./api-server";
import { eventually } from "./eventually";

/** Number of concurrent requests. */
const CONCURRENCY = 16;

/** One cause of a `Status`. */
export interface StatusCause {
  readonly reason: string;
  readonly field: string;
  readonly message: string;
}

/** Result of a dry run. */
export interface DryRun {
  readonly outcome: "accepted" | "refused" | "failed";
  readonly causes: readonly StatusCause[];
  /** Message of a `Status` without causes. */
  readonly message?: string;
  readonly warnings: readonly string[];
}

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** Returns the fields that strict decoding rejects as `StatusCause`s. */
function strictCauses(message = ""): StatusCause[] {
  const [, list = ""] = message.split("strict decoding error: ");
  return [...list.matchAll(/(unknown|duplicate) field "((?:[^"\\]|\\.)*)"/g)].map(([, what, field]) => ({
    reason: what === "unknown" ? "UnknownField" : "DuplicateField",
    field: field!,
    message: "",
  }));
}

/** Creates objects in namespace `default` as dry runs with strict field validation. */
class DryRuns {
  private readonly collections = new Map<string, Promise<ReadonlyMap<string, string>>>();

  constructor(private readonly api: ApiServer) {}

  async of(object: KubeObject): Promise<DryRun> {
    const strict = await this.create(object, "Strict");
    const unknown = strict.status === 400 ? strictCauses(strict.body.message) : [];
    if (unknown.length === 0) return this.read(strict);
    // Like kubectl, report other problems without these fields.
    const rest = this.read(await this.create(object, "Ignore"));
    const other = rest.message === undefined ? [] : [{ reason: "", field: "", message: rest.message }];
    return { outcome: "refused", causes: [...unknown, ...rest.causes, ...other], warnings: strict.warnings };
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
      // A handler that panics closes the connection.
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
    // An object of that name exists, so the object is otherwise valid.
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
 * Validates objects one by one with dry runs against an API server.
 *
 * @param definitions custom resource definitions of the objects, which are created
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
    await Promise.all(Array.from({ length: CONCURRENCY }, ask));
    return answers;
  } finally {
    await api.close();
  }
}
