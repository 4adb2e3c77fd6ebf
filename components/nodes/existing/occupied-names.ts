import type { KubeConfig, KubernetesObject } from "@kubernetes/client-node";

import { type Difference, error } from "../../../fleet/existing/difference";
import { type KubeObject, nameOf, objectId } from "../../../fleet/kubernetes/object";
import type { ClusterSpec } from "../../../fleet/model";
import { formatPath } from "../../../fleet/problem";
import { isAppliedBySkerry } from "../../delivery/field-manager";
import { readLive } from "../../delivery/reclaim";

/** Requests in flight. */
const CONCURRENCY = 16;

/** Reads objects from the cluster. The result has the order of the objects, without those that do not exist. */
async function readAll(
  config: KubeConfig,
  objects: readonly KubeObject[],
): Promise<{ readonly object: KubeObject; readonly live: KubernetesObject }[]> {
  const { KubernetesObjectApi } = await import("@kubernetes/client-node");
  const api = KubernetesObjectApi.makeApiClient(config);
  const found = new Map<KubeObject, KubernetesObject>();
  const queue = [...objects];
  const work = async (): Promise<void> => {
    for (let object = queue.shift(); object; object = queue.shift()) {
      const live = await readLive(api, object).catch((problem: unknown) => {
        // A kind whose definition the delivery creates has no objects yet.
        if (/Unrecognized API version/.test(String(problem))) return undefined;
        throw problem;
      });
      if (live) found.set(object, live);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return objects.flatMap((object) => (found.has(object) ? [{ object, live: found.get(object)! }] : []));
}

const namespace = (name: string): KubeObject => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });

/**
 * Finds objects that a delivery would take over: they exist, and Skerry did not create them. Applying them would overwrite
 * them, and destroying the stack would delete them.
 */
export async function findOccupiedNames(
  config: KubeConfig,
  { existingNamespaces }: ClusterSpec,
  objects: readonly KubeObject[],
): Promise<Difference[]> {
  const namespaces = await readAll(config, existingNamespaces.map(namespace));
  const missing = existingNamespaces.filter((name) => !namespaces.some(({ object }) => nameOf(object) === name));
  const listed = (name: string): string => formatPath(["existingNamespaces", existingNamespaces.indexOf(name)]);
  const occupied = (await readAll(config, objects)).filter(({ live }) => !isAppliedBySkerry(live));
  return [
    ...missing.map((name) =>
      error(listed(name), `the cluster has no namespace "${name}": remove it, so that Skerry creates it`),
    ),
    ...namespaces
      .filter(({ live }) => isAppliedBySkerry(live))
      .map(({ object }) => nameOf(object))
      .map((name) =>
        error(listed(name), `Skerry created the namespace "${name}", and would delete it now: remove it from the list`),
      ),
    ...occupied.map(({ object }) =>
      object.kind === "Namespace"
        ? error(
            "existingNamespaces",
            `must contain "${nameOf(object)}": the namespace exists, and Skerry did not create it`,
          )
        : error("", `${objectId(object)} exists, and Skerry did not create it: rename or delete one of them`),
    ),
  ];
}
