import type { Cluster, Fleet, NodePool, Workload } from "./model";

/** The regions that a workload demands; undefined when any will do. */
export function demandedRegions({ placement }: Workload): readonly string[] | undefined {
  if (placement.kind === "each-region") return placement.regions;
  return placement.kind === "region" ? [placement.region] : undefined;
}

/** The pools of a cluster whose nodes a workload's placement can use. */
export function poolsFor(cluster: Cluster, workload: Workload): NodePool[] {
  const { placement } = workload;
  const regions = demandedRegions(workload);
  return cluster.nodePools.filter((pool) => {
    // A demand is for an edge region: the label that it is held against is on edge workers alone.
    if (regions && !(pool.role === "edge-worker" && regions.includes(pool.region))) return false;
    if (placement.kind !== "every-node") return true;
    const typed = placement.edgeNodeType === undefined || placement.edgeNodeType === pool.edgeNodeType;
    return typed && (placement.device === undefined || placement.device === pool.device);
  });
}

/** The clusters that a workload goes to: those that it names, or those with nodes that its placement can use. */
export function clustersFor(fleet: Fleet, workload: Workload): Cluster[] {
  const named = workload.clusters;
  return fleet.clusters.filter((cluster) =>
    named ? named.includes(cluster.name) : poolsFor(cluster, workload).length > 0,
  );
}
