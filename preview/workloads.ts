import type { WorkloadName } from "./report";
import type { ObjectReference, RemovedPod, SimulatedPod } from "./simulator/protocol";

/** Returns the workload of a pod. A pod without an owner is its own workload. */
export const ownerOf = ({ owner, namespace, name }: SimulatedPod | RemovedPod): ObjectReference =>
  owner ?? { kind: "Pod", namespace, name };

/** Returns a key that is unique in a cluster and sorts by namespace, kind and name. */
export const workloadKey = ({ kind, namespace, name }: ObjectReference): string => [namespace, kind, name].join("\0");

/** Returns the workload of a key. */
export function parseWorkloadKey(cluster: string, key: string): WorkloadName {
  const [namespace = "", kind = "", name = ""] = key.split("\0");
  return { cluster, kind, namespace, name };
}
