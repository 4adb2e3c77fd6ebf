import { leavesPools, fitsPool, nodePools, type Pool } from "../kubernetes/nodes";
import { fitsCapacity, podRequests, type Resources } from "../../fleet/kubernetes/requests";
import type { ClusterRule, Violation } from "../engine/rule";
import { type PodMaker, podMakers } from "../kubernetes/workloads";
import { amountText } from "../kubernetes/amounts";

const RESOURCES = ["cpuCores", "memoryMiB"] as const;
const FIELD = { cpuCores: "cpu", memoryMiB: "memory" } as const;

const has = (pool: Pool, resource: keyof Resources): number => pool[resource] ?? Infinity;

/** What the pod asks for and the largest of these nodes does not have. */
function tooMuch({ pod }: PodMaker, asked: Resources, pools: readonly Pool[]): Violation[] {
  const single = RESOURCES.flatMap((resource) => {
    const [largest] = [...pools].sort((a, b) => has(b, resource) - has(a, resource));
    if (largest === undefined || asked[resource] <= has(largest, resource)) return [];
    const path = pod.path("containers", 0, "resources", "requests", FIELD[resource]);
    const message = `a pod requests ${amountText(resource, asked[resource])}, the largest node that it may use (pool ${largest.name}) has ${amountText(resource, has(largest, resource))}`;
    return [{ path, message }];
  });
  if (single.length > 0) return single;
  const message = `no node that it may use has both ${amountText("cpuCores", asked.cpuCores)} and ${amountText("memoryMiB", asked.memoryMiB)}`;
  return [{ path: pod.path("containers", 0, "resources", "requests"), message }];
}

export const requestsFitNodes: ClusterRule = {
  subject: "cluster",
  id: "requests-fit-nodes",
  title: "What one pod requests, a node that it may run on has",
  why: "A pod that is too large for every device it may use waits for ever, however many of them are added.",
  severity: "error",
  remedy: "Request less, or let the pod run on a larger device. Of what a device has, the system takes a part too.",
  check: ({ objects }) => {
    const pools = nodePools(objects);
    return podMakers(objects).flatMap((maker) => {
      if (leavesPools(maker)) return [];
      const open = pools.filter((pool) => fitsPool(maker, pool));
      const asked = podRequests(maker.pod.value);
      // A DaemonSet has a pod on each node, so each pool has to fit.
      const groups = maker.replicas === "per-node" ? open.map((pool) => [pool]) : [open];
      const found = groups
        .filter((group) => group.length > 0 && !group.some((pool) => fitsCapacity(asked, pool)))
        .flatMap((group) => tooMuch(maker, asked, group));
      return found.map((violation) => ({ object: maker.object, ...violation }));
    });
  },
};
