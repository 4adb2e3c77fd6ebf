import { setTimeout as sleep } from "node:timers/promises";

import type { KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";

import { objectId } from "../../fleet/kubernetes/object";
import { isApiError, loadKubeconfig } from "../clusters/kubeconfig";
import { FIELD_MANAGER, isAppliedBySkerry } from "./field-manager";
import type { Manifest } from "./object";

/** The API requests that {@link reclaim} needs. */
export type ObjectApi = Pick<KubernetesObjectApi, "delete" | "patch" | "read">;

/** Kinds whose deletion can lose data. */
const HOLDS_DATA = new Set(["CustomResourceDefinition", "Namespace", "PersistentVolume", "PersistentVolumeClaim"]);

/** Field managers of the control plane, which write to every object of some kinds. */
const CONTROL_PLANE = /^(kube-.*|k3s)$/;

/** Time limit for the deletion of an object, in ms. */
const DELETION_TIMEOUT_MS = 120_000;

/**
 * The result of {@link reclaim}: `reclaimed` if the existing object was deleted, `unrelated` if the creation failed for
 * another reason, or the reason why the existing object is kept.
 */
type Outcome = "reclaimed" | "unrelated" | { readonly kept: string };

/** Applies an object as a dry run and returns the status code, 200 if the API server accepts it. */
async function dryRun(api: ObjectApi, object: Manifest): Promise<number> {
  try {
    await api.patch(object, undefined, "All", FIELD_MANAGER, false, "application/apply-patch+yaml");
    return 200;
  } catch (error) {
    return statusOf(error);
  }
}

/** Returns the status code of an API error. Rethrows other errors. */
function statusOf(error: unknown): number {
  const { code } = error as { code?: unknown };
  if (typeof code === "number") return code;
  throw error;
}

/** Reads an object from the cluster; undefined if it does not exist. */
export async function readLive(api: Pick<ObjectApi, "read">, object: Manifest): Promise<KubernetesObject | undefined> {
  const { apiVersion, kind, metadata } = object;
  const { name = "", namespace } = metadata;
  try {
    return await api.read({ apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } });
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** Returns a copy under an unused name, to test whether the API server would accept the object as a new one. */
function copyWithNewName(object: Manifest): Manifest {
  const name = `${(object.metadata.name ?? "").slice(0, 50).replace(/[^a-z0-9]+$/, "")}-new`;
  return { ...object, metadata: { ...object.metadata, name } };
}

/**
 * Deletes an object that an interrupted update created if it cannot be updated, because immutable fields differ. An
 * object is deleted only if Skerry applied it, no other client wrote to it, and its deletion cannot lose data.
 */
export async function reclaim(api: ObjectApi, wanted: Manifest, timeoutMs = DELETION_TIMEOUT_MS): Promise<Outcome> {
  const live = await readLive(api, wanted);
  const { uid, managedFields = [] } = live?.metadata ?? {};
  if (!live || !isAppliedBySkerry(live)) {
    return "unrelated";
  }
  // Only 422 means that immutable fields differ. 409, for example, means that another manager owns a field.
  if ((await dryRun(api, wanted)) !== 422 || (await dryRun(api, copyWithNewName(wanted))) !== 200) return "unrelated";
  if (HOLDS_DATA.has(wanted.kind)) return { kept: "its deletion may lose data" };
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
  return { kept: `its deletion did not finish within ${timeoutMs / 1000} s` };
}

/**
 * Returns a hook that calls {@link reclaim} when the creation of an object fails, and then retries the creation.
 * Updates without failures make no additional requests.
 *
 * @returns undefined under `pulumi.runtime.setMocks`, which does not support hooks
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
    const { KubernetesObjectApi: Api } = await import("@kubernetes/client-node");
    const kube = await loadKubeconfig(await config);
    const outcome = await reclaim(Api.makeApiClient(kube), wanted).catch((error: unknown) => {
      if (isApiError(error)) throw error;
      // The cluster cannot be reached, which is also why the creation failed.
      return "unrelated" as const;
    });
    if (typeof outcome === "object") {
      await pulumi.log.error(
        `${objectId(wanted)}: an interrupted update left this object, and immutable fields must change. It was not ` +
          `deleted because ${outcome.kept}. Delete it, or import it with "pulumi import".`,
      );
    }
    return outcome === "reclaimed";
  });
  return { onError: [hook] };
}
