import type { ClusterSpec, Fleet, NodePoolSpec, Taint, Workload } from "./model";

/** What decides whether a workload's pods may run on a pool's nodes. */
export type PoolFacts = Pick<NodePoolSpec, "region" | "role" | "device" | "edgeNodeType" | "taints">;
type Stated = Pick<Workload, "placement" | "tolerations">;

/** The regions that a workload demands; undefined when any will do. */
export function demandedRegions({ placement }: Pick<Workload, "placement">): readonly string[] | undefined {
  if (placement.kind === "each-region") return placement.regions;
  return placement.kind === "region" ? [placement.region] : undefined;
}

/** Whether a workload's placement means nodes like these, taints aside. */
export function matchesPlacement(pool: Omit<PoolFacts, "taints">, workload: Stated): boolean {
  const { placement } = workload;
  const regions = demandedRegions(workload);
  // A required region is an edge region: only edge workers have the label that is compared.
  if (regions && !(pool.role === "edge-worker" && regions.includes(pool.region))) return false;
  if (placement.kind !== "every-node") return true;
  const typed = placement.edgeNodeType === undefined || placement.edgeNodeType === pool.edgeNodeType;
  return typed && (placement.device === undefined || placement.device === pool.device);
}

/** Taints of a pool that keep a workload's pods off its nodes. What runs on every node tolerates every taint. */
export function findRepellingTaints(
  { taints }: Pick<PoolFacts, "taints">,
  { placement, tolerations }: Stated,
): Taint[] {
  if (placement.kind === "every-node") return [];
  return taints.filter(
    ({ key, value, effect }) =>
      effect !== "PreferNoSchedule" &&
      !tolerations.some((each) => each.key === key && each.value === value && each.effect === effect),
  );
}

/** The pools of a cluster whose nodes a workload's placement can use. */
export function poolsFor(cluster: Pick<ClusterSpec, "nodePools">, workload: Stated): NodePoolSpec[] {
  return cluster.nodePools.filter(
    (pool) => matchesPlacement(pool, workload) && findRepellingTaints(pool, workload).length === 0,
  );
}

/** The clusters that a workload goes to: those that it names, or those with nodes that its placement can use. */
export function clustersFor(fleet: Fleet, workload: Workload): ClusterSpec[] {
  const named = workload.clusters;
  return fleet.clusters.filter((cluster) =>
    named ? named.includes(cluster.name) : poolsFor(cluster, workload).length > 0,
  );
}
