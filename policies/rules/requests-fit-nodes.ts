import { leavesPools, mayRunOn, nodePools, type Pool } from "../kubernetes/nodes";
import { podRequests, type Requests } from "../kubernetes/requests";
import type { ClusterRule, Violation } from "../engine/rule";
import { type PodMaker, podMakers } from "../kubernetes/workloads";
import { amountText } from "../kubernetes/amounts";

const RESOURCES = ["cpuCores", "memoryMiB"] as const;
const FIELD = { cpuCores: "cpu", memoryMiB: "memory" } as const;

const capacityOf = (pool: Pool, resource: keyof Requests): number => pool[resource] ?? Infinity;
const fits = (requests: Requests, pool: Pool): boolean =>
  RESOURCES.every((resource) => requests[resource] <= capacityOf(pool, resource));

/** Reports the resources that exceed the largest of these nodes or, if each fits, that no node has both. */
function describeExcess({ pod }: PodMaker, requests: Requests, pools: readonly Pool[]): Violation[] {
  const single = RESOURCES.flatMap((resource) => {
    const [largest] = [...pools].sort((a, b) => capacityOf(b, resource) - capacityOf(a, resource));
    if (largest === undefined || requests[resource] <= capacityOf(largest, resource)) return [];
    const path = pod.path("containers", 0, "resources", "requests", FIELD[resource]);
    const message = `a pod requests ${amountText(resource, requests[resource])}, but the largest node that it may use (pool ${largest.name}) has ${amountText(resource, capacityOf(largest, resource))}`;
    return [{ path, message }];
  });
  if (single.length > 0) return single;
  const message = `no node that it may use has both ${amountText("cpuCores", requests.cpuCores)} and ${amountText("memoryMiB", requests.memoryMiB)}`;
  return [{ path: pod.path("containers", 0, "resources", "requests"), message }];
}

export const requestsFitNodes: ClusterRule = {
  subject: "cluster",
  id: "requests-fit-nodes",
  title: "Each pod's requests fit on a node",
  why: "A pod that is too large for every node that it may use stays Pending, however many nodes are added.",
  severity: "error",
  remedy:
    "Lower the requests, or let the pod run on a larger device. The system also uses a part of each node's capacity.",
  check: ({ objects }) => {
    const pools = nodePools(objects);
    return podMakers(objects).flatMap((maker) => {
      if (leavesPools(maker)) return [];
      const usable = pools.filter((pool) => mayRunOn(maker, pool));
      const requests = podRequests(maker.pod.value);
      // A DaemonSet has a pod on each node, so it must fit each pool.
      const groups = maker.replicas === "per-node" ? usable.map((pool) => [pool]) : [usable];
      const violations = groups
        .filter((group) => group.length > 0 && !group.some((pool) => fits(requests, pool)))
        .flatMap((group) => describeExcess(maker, requests, group));
      return violations.map((violation) => ({ object: maker.object, ...violation }));
    });
  },
};
