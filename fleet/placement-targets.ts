import { findRepellingTaints } from "./kubernetes/tolerations";
import { matchesRequirement, type Requirement } from "./kubernetes/requirements";
import { labels } from "./labels";
import type { ClusterSpec, Fleet, NodePoolSpec, Taint, Workload } from "./model";
import { nodeLabels } from "./nodes";

type Placeable = Pick<Workload, "placement" | "tolerations">;

/** Returns the regions that a workload requires; undefined if it may run in any. */
export function regionsOf({ placement }: Pick<Workload, "placement">): readonly string[] | undefined {
  if (placement.kind === "each-region") return placement.regions;
  return placement.kind === "region" ? [placement.region] : undefined;
}

/** Returns what a workload's placement requires of the labels of its nodes. */
function nodeRequirements(workload: Pick<Workload, "placement">): Requirement[] {
  const { placement } = workload;
  const isOneOf = (key: string, values: readonly string[] | undefined): Requirement[] =>
    values === undefined ? [] : [{ key, operator: "In", values }];
  if (placement.kind !== "every-node") return isOneOf(labels.edgeRegion, regionsOf(workload));
  const { edgeNodeType, device } = placement;
  return [
    ...isOneOf(labels.edgeNodeType, edgeNodeType === undefined ? undefined : [edgeNodeType]),
    ...isOneOf(labels.deviceType, device === undefined ? undefined : [device]),
  ];
}

/** Returns the taints that keep a workload's pods off nodes. Workloads on every node tolerate the taints of all pools. */
export function findTaintsAgainst({ placement, tolerations }: Placeable, taints: readonly Taint[]): Taint[] {
  return placement.kind === "every-node" ? [] : findRepellingTaints(taints, tolerations);
}

/** Returns the pools of a cluster whose nodes a workload may use. */
export function poolsFor(cluster: Pick<ClusterSpec, "nodePools">, workload: Placeable): NodePoolSpec[] {
  const requirements = nodeRequirements(workload);
  return cluster.nodePools.filter((pool) => {
    const made = nodeLabels(pool);
    return (
      requirements.every((each) => matchesRequirement(made, each)) &&
      findTaintsAgainst(workload, pool.taints).length === 0
    );
  });
}

/** Returns the clusters that a workload goes to: those that it names, or else those with a pool that it may use. */
export function clustersFor(fleet: Fleet, workload: Workload): ClusterSpec[] {
  const { clusters } = workload;
  return fleet.clusters.filter((cluster) =>
    clusters ? clusters.includes(cluster.name) : poolsFor(cluster, workload).length > 0,
  );
}
