import { amountText, nodesText } from "../kubernetes/amounts";
import { leavesPools, mayRunOn, nodePools, type Pool } from "../kubernetes/nodes";
import { podRequests, type Requests } from "../kubernetes/requests";
import type { ClusterRule, ObjectViolation } from "../engine/rule";
import { type PodMaker, podMakers } from "../kubernetes/workloads";

const RESOURCES = ["cpuCores", "memoryMiB"] as const;

/** Field with the number of pods, for kinds that do not use `spec.replicas`. */
const COUNT_PATHS: Readonly<Record<string, string>> = {
  Job: "spec.parallelism",
  CronJob: "spec.jobTemplate.spec.parallelism",
};

/** Workloads whose pods may run on the same pools. */
interface Group {
  readonly pools: ReadonlySet<Pool>;
  readonly makers: { readonly maker: PodMaker; readonly requests: Requests }[];
}

const multiply = ({ cpuCores, memoryMiB }: Requests, count: number): Requests => ({
  cpuCores: cpuCores * count,
  memoryMiB: memoryMiB * count,
});

const isWithin = (inner: Group, outer: Group): boolean =>
  inner.pools.size <= outer.pools.size && [...inner.pools].every((pool) => outer.pools.has(pool));

function groupByPools(makers: readonly PodMaker[], pools: readonly Pool[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const maker of makers) {
    if (maker.replicas === "per-node" || leavesPools(maker)) continue;
    const usable = pools.filter((pool) => mayRunOn(maker, pool));
    // pods-schedulable reports a pod without a node.
    if (usable.length === 0) continue;
    const key = usable.map(({ name }) => name).join("\0");
    const group = groups.get(key) ?? { pools: new Set(usable), makers: [] };
    group.makers.push({ maker, requests: multiply(podRequests(maker.pod.value), maker.replicas) });
    groups.set(key, group);
  }
  return groups;
}

/** Returns the capacity of each pool, less the requests of the DaemonSets' pods on its nodes. */
function findCapacity(makers: readonly PodMaker[], pools: readonly Pool[]): Map<Pool, Requests> {
  const daemons = makers.filter((maker) => maker.replicas === "per-node" && !leavesPools(maker));
  return new Map(
    pools.map((pool) => {
      const reserved = daemons
        .filter((maker) => mayRunOn(maker, pool))
        .map((maker) => podRequests(maker.pod.value))
        .reduce(
          (sum, each) => ({ cpuCores: sum.cpuCores + each.cpuCores, memoryMiB: sum.memoryMiB + each.memoryMiB }),
          {
            cpuCores: 0,
            memoryMiB: 0,
          },
        );
      // A pool without capacity or count has no limit.
      const total = (resource: keyof Requests): number => {
        const { [resource]: capacity, count } = pool;
        return capacity === undefined || count === undefined ? Infinity : (capacity - reserved[resource]) * count;
      };
      return [pool, { cpuCores: total("cpuCores"), memoryMiB: total("memoryMiB") }];
    }),
  );
}

/** Reports a shortage at the object with the largest requests. */
function checkGroup(group: Group, inside: readonly Group[], capacities: Map<Pool, Requests>): ObjectViolation[] {
  const makers = inside.flatMap(({ makers }) => makers);
  return RESOURCES.flatMap((resource) => {
    const requested = makers.reduce((sum, { requests }) => sum + requests[resource], 0);
    const capacity = [...group.pools].reduce((sum, pool) => sum + capacities.get(pool)![resource], 0);
    // Tolerates rounding errors of the sums.
    if (requested <= capacity + 1e-6) return [];
    const [largest] = [...makers].sort((a, b) => b.requests[resource] - a.requests[resource]);
    const { object, pod, replicas } = largest!.maker;
    const nodes = [...group.pools].reduce((sum, { count = 0 }) => sum + count, 0);
    const names = [...group.pools].map(({ name }) => name).join(", ");
    return [
      {
        object,
        path: replicas === 1 ? pod.path("containers") : (COUNT_PATHS[object.kind] ?? "spec.replicas"),
        message: `pods restricted to ${group.pools.size === 1 ? "pool" : "pools"} ${names} (${nodesText(nodes)}) request ${amountText(resource, requested)} in total, must be at most ${amountText(resource, Math.max(0, capacity))}`,
      },
    ];
  });
}

export const requestsFitCapacity: ClusterRule = {
  subject: "cluster",
  id: "requests-fit-capacity",
  title: "Pods restricted to a region or device fit its nodes together",
  why: "Pods beyond the capacity of their region or device stay Pending. Which pods these are depends on the order of creation.",
  severity: "error",
  remedy: "Add nodes to one of the pools, lower the requests or the replicas, or let the pods run in another region.",
  check: ({ objects }) => {
    const pools = nodePools(objects);
    const makers = podMakers(objects);
    const capacities = findCapacity(makers, pools);
    const short: Group[] = [];
    const groups = [...groupByPools(makers, pools).values()].sort((a, b) => a.pools.size - b.pools.size);
    return groups.flatMap((group) => {
      // A shortage of a subset is also one of the whole group. Report it once.
      if (short.some((each) => isWithin(each, group))) return [];
      const found = checkGroup(
        group,
        groups.filter((each) => isWithin(each, group)),
        capacities,
      );
      if (found.length > 0) short.push(group);
      return found;
    });
  },
};
