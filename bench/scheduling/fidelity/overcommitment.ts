import type { V1PodSpec } from "@kubernetes/client-node";

import type { KubeObject } from "../../../fleet/kubernetes/object";
import { fitsCapacity, podRequests, type Resources } from "../../../fleet/kubernetes/requests";
import type { LivePod } from "./live-cluster";

type Quantities = Readonly<Record<string, unknown>>;

/** Sums of cores are not exact. */
const TOLERANCE = 1e-6;

function allocatable({ status }: KubeObject): Resources {
  const { cpu, memory } = (status as { readonly allocatable: Quantities }).allocatable;
  return podRequests({
    containers: [{ name: "all", resources: { requests: { cpu: cpu as string, memory: memory as string } } }],
  });
}

/**
 * Finds the nodes whose pods request more than the node has. No scheduler does that alone, but two can: neither sees a
 * binding of the other that is under way. A kubelet rejects the pod that comes second; the lab's simulated ones do not.
 */
export function findOvercommitted(nodes: readonly KubeObject[], pods: readonly LivePod[]): Set<string> {
  const overcommitted = nodes.filter((node) => {
    const requests = pods
      .filter((pod) => pod.node === node.metadata.name && !pod.finished)
      .map(({ object }) => podRequests(object.spec as V1PodSpec));
    const sum = {
      cpuCores: requests.reduce((total, { cpuCores }) => total + cpuCores, -TOLERANCE),
      memoryMiB: requests.reduce((total, { memoryMiB }) => total + memoryMiB, -TOLERANCE),
    };
    return !fitsCapacity(sum, allocatable(node));
  });
  return new Set(overcommitted.map(({ metadata }) => metadata.name!));
}
