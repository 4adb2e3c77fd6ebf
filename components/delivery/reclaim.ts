import { setTimeout as sleep } from "node:timers/promises";

import type { KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";

import { objectId } from "../../fleet/kubernetes/object";
import { FIELD_MANAGER, type Manifest } from "./object";

/** The requests that reclaiming needs. */
export type ObjectApi = Pick<KubernetesObjectApi, "delete" | "patch" | "read">;

/** Kinds that hold data which cannot be rendered again. */
const HOLDS_DATA = new Set(["CustomResourceDefinition", "Namespace", "PersistentVolume", "PersistentVolumeClaim"]);

/** Managers that write to every object of their kind. */
const CONTROL_PLANE = /^(kube-.*|k3s)$/;

/** How long a deleted object may take to disappear, in ms. */
const DELETION_TIMEOUT_MS = 120_000;

/**
 * What became of an object that could not be created: `reclaimed` when the one in its way was deleted, `unrelated` when
 * the failure has another cause, or why the one in its way is kept.
 */
type Outcome = "reclaimed" | "unrelated" | { readonly kept: string };

/** Whether the API server accepts an object, as a dry run of the same apply: its status code, 200 when it does. */
async function dryRun(api: ObjectApi, object: Manifest): Promise<number> {
  try {
    await api.patch(object, undefined, "All", FIELD_MANAGER, false, "application/apply-patch+yaml");
    return 200;
  } catch (error) {
    return statusOf(error);
  }
}

/** The status code of an API error; any other error is not an answer of the API server. */
function statusOf(error: unknown): number {
  const { code } = error as { code?: unknown };
  if (typeof code === "number") return code;
  throw error;
}

async function readLive(api: ObjectApi, object: Manifest): Promise<KubernetesObject | undefined> {
  const { apiVersion, kind, metadata } = object;
  const { name = "", namespace } = metadata;
  try {
    return await api.read({ apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } });
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** The same object under a name that is free, to learn whether the API server would accept it as a new one. */
function renamed(object: Manifest): Manifest {
  const name = `${(object.metadata.name ?? "").slice(0, 50).replace(/[^a-z0-9]+$/, "")}-new`;
  return { ...object, metadata: { ...object.metadata, name } };
}

/**
 * Deletes an object that an interrupted update created and that cannot be changed into what is wanted now, because
 * fields that differ are immutable. An object is deleted only if Skerry applied it, no other client wrote to it, and it
 * cannot hold data.
 */
export async function reclaim(api: ObjectApi, wanted: Manifest, timeoutMs = DELETION_TIMEOUT_MS): Promise<Outcome> {
  const live = await readLive(api, wanted);
  const { uid, managedFields = [] } = live?.metadata ?? {};
  if (!live || !managedFields.some(({ manager, operation }) => manager === FIELD_MANAGER && operation === "Apply")) {
    return "unrelated";
  }
  // Only 422 says that the object itself is the obstacle: 409, for one, means that another manager owns a field.
  if ((await dryRun(api, wanted)) !== 422 || (await dryRun(api, renamed(wanted))) !== 200) return "unrelated";
  if (HOLDS_DATA.has(wanted.kind)) return { kept: "it may hold data" };
  const others = managedFields
    .filter(({ subresource }) => !subresource)
    .map(({ manager = "" }) => manager)
    .filter((manager) => manager !== FIELD_MANAGER && !CONTROL_PLANE.test(manager));
  if (others.length > 0) return { kept: `${[...new Set(others)].join(", ")} also wrote to it` };

  const unchanged = { preconditions: { uid } };
  await api.delete(live, undefined, undefined, undefined, undefined, "Foreground", unchanged);
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(200)) {
    if ((await readLive(api, wanted))?.metadata?.uid !== uid) return "reclaimed";
  }
  return { kept: `it was deleted, but is still there after ${timeoutMs / 1000} s` };
}

/**
 * Has the engine retry the creation of an object after {@link reclaim}. The engine asks only when a creation failed, so
 * that the usual update makes no request.
 *
 * @returns the hook; undefined under `pulumi.runtime.setMocks`, whose monitor has none
 */
export function reclaimBeforeRetry(
  name: string,
  kubeconfig: pulumi.Output<string>,
): pulumi.ResourceHookBinding | undefined {
  const monitor = pulumi.runtime.getMonitor() as { readonly registerErrorHook?: unknown } | undefined;
  if (typeof monitor?.registerErrorHook !== "function") return undefined;
  const config = new Promise<string>((resolve) => void kubeconfig.apply(resolve));
  const hook = new pulumi.ErrorHook(name, async ({ failedOperation, newInputs, errors }) => {
    if (failedOperation !== "create" || errors.length > 1) return false;
    const wanted = newInputs as Manifest;
    const { KubeConfig, KubernetesObjectApi: Api } = await import("@kubernetes/client-node");
    const kube = new KubeConfig();
    kube.loadFromString(await config);
    const outcome = await reclaim(Api.makeApiClient(kube), wanted);
    if (typeof outcome === "object") {
      await pulumi.log.error(
        `${objectId(wanted)} was left by an interrupted update, and fields that must change are immutable. It is kept, ` +
          `because ${outcome.kept}: delete it, or import it with "pulumi import".`,
      );
    }
    return outcome === "reclaimed";
  });
  return { onError: [hook] };
}
