import { amountText, nodesText } from "../kubernetes/amounts";
import { leavesPools, fitsPool, nodePools, type Pool } from "../kubernetes/nodes";
import { podRequests, type Resources } from "../../fleet/kubernetes/requests";
import type { ClusterRule, ObjectViolation } from "../engine/rule";
import { type PodMaker, podMakers } from "../kubernetes/workloads";

const RESOURCES = ["cpuCores", "memoryMiB"] as const;

/** Where kinds say how many pods they make, if not in spec.replicas. */
const COUNT_PATHS: Readonly<Record<string, string>> = {
  Job: "spec.parallelism",
  CronJob: "spec.jobTemplate.spec.parallelism",
};

/** Pods that may use the same nodes and no others. */
interface Group {
  readonly pools: ReadonlySet<Pool>;
  readonly makers: { readonly maker: PodMaker; readonly asked: Resources }[];
}

const times = ({ cpuCores, memoryMiB }: Resources, count: number): Resources => ({
  cpuCores: cpuCores * count,
  memoryMiB: memoryMiB * count,
});

const within = (inner: Group, outer: Group): boolean =>
  inner.pools.size <= outer.pools.size && [...inner.pools].every((pool) => outer.pools.has(pool));

function grouped(makers: readonly PodMaker[], pools: readonly Pool[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const maker of makers) {
    if (maker.replicas === "per-node" || leavesPools(maker)) continue;
    const open = pools.filter((pool) => fitsPool(maker, pool));
    // What has no node is another rule's finding.
    if (open.length === 0) continue;
    const key = open.map(({ name }) => name).join("\0");
    const group = groups.get(key) ?? { pools: new Set(open), makers: [] };
    group.makers.push({ maker, asked: times(podRequests(maker.pod.value), maker.replicas) });
    groups.set(key, group);
  }
  return groups;
}

/** What is left of each pool's nodes beside the pods that are on every one of them. */
function offers(makers: readonly PodMaker[], pools: readonly Pool[]): Map<Pool, Resources> {
  const everywhere = makers.filter((maker) => maker.replicas === "per-node" && !leavesPools(maker));
  return new Map(
    pools.map((pool) => {
      const taken = everywhere
        .filter((maker) => fitsPool(maker, pool))
        .map((maker) => podRequests(maker.pod.value))
        .reduce(
          (sum, each) => ({ cpuCores: sum.cpuCores + each.cpuCores, memoryMiB: sum.memoryMiB + each.memoryMiB }),
          {
            cpuCores: 0,
            memoryMiB: 0,
          },
        );
      // What a pool does not state is no bound.
      const offer = (resource: keyof Resources): number => {
        const { [resource]: capacity, count } = pool;
        return capacity === undefined || count === undefined ? Infinity : (capacity - taken[resource]) * count;
      };
      return [pool, { cpuCores: offer("cpuCores"), memoryMiB: offer("memoryMiB") }];
    }),
  );
}

/** Said of the object that asks for most. */
function shortage(group: Group, inside: readonly Group[], offered: Map<Pool, Resources>): ObjectViolation[] {
  const asking = inside.flatMap(({ makers }) => makers);
  return RESOURCES.flatMap((resource) => {
    const asked = asking.reduce((sum, each) => sum + each.asked[resource], 0);
    const most = [...group.pools].reduce((sum, pool) => sum + offered.get(pool)![resource], 0);
    // Sums of fractions are off by less than this.
    if (asked <= most + 1e-6) return [];
    const [largest] = [...asking].sort((a, b) => b.asked[resource] - a.asked[resource]);
    const { object, pod, replicas } = largest!.maker;
    const nodes = [...group.pools].reduce((sum, { count = 0 }) => sum + count, 0);
    const names = [...group.pools].map(({ name }) => name).join(", ");
    return [
      {
        object,
        path: replicas === 1 ? pod.path("containers") : (COUNT_PATHS[object.kind] ?? "spec.replicas"),
        message: `pods that may only use the ${nodesText(nodes)} of ${names} request ${amountText(resource, asked)} in all, of which there are ${amountText(resource, Math.max(0, most))}`,
      },
    ];
  });
}

export const capacitySuffices: ClusterRule = {
  subject: "cluster",
  id: "capacity-suffices",
  title: "What pods request together, the nodes of their region or device offer",
  why: "Pods beyond what a region or a device holds wait for ever; which of them, the order of their creation decides.",
  severity: "error",
  remedy: "Add nodes to one of the pools, request less, have fewer replicas, or let the pods run in a further region.",
  check: ({ objects }) => {
    const pools = nodePools(objects);
    const makers = podMakers(objects);
    const offered = offers(makers, pools);
    const short: Group[] = [];
    const groups = [...grouped(makers, pools).values()].sort((a, b) => a.pools.size - b.pools.size);
    return groups.flatMap((group) => {
      // A shortage inside a region is one of the region too, and is said once.
      if (short.some((each) => within(each, group))) return [];
      const found = shortage(
        group,
        groups.filter((each) => within(each, group)),
        offered,
      );
      if (found.length > 0) short.push(group);
      return found;
    });
  },
};
