import type { Construct } from "constructs";

import { labels } from "../fleet/labels";
import type { PlacementContext, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";
import { findRepellingTaints } from "../fleet/kubernetes/tolerations";

/** Properties of {@link OnNodePool}. */
export interface OnNodePoolProps extends PlacementProps {
  /** Name of a node pool of the cluster, or several names any of which will do. */
  readonly pool: string | readonly string[];
}

/**
 * Restricts a workload to the nodes of one or more node pools.
 *
 * Writes to the pod template:
 * - `spec.nodeSelector` for one pool, or `spec.affinity.nodeAffinity` for several: the label of the node pool.
 * - `spec.tolerations`: the taints of these pools, if the cluster is set by `placeIn`.
 *
 * Synthesis fails if the list is empty, or if the cluster has none of the pools.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
 *
 * @example
 * new OnNodePool(chart, "on-gateways", { workload: detector, pool: "tokyo-gw" });
 */
export class OnNodePool extends Placement {
  private readonly pools: readonly string[];

  constructor(scope: Construct, id: string, props: OnNodePoolProps) {
    super(scope, id, props);
    this.pools = typeof props.pool === "string" ? [props.pool] : props.pool;
  }

  protected override constraints({ scope }: PlacementContext): readonly PlacementConstraint[] {
    const pools = scope?.cluster.nodePools.filter(({ name }) => this.pools.includes(name)) ?? [];
    return [
      { kind: "node", key: labels.nodePool, values: this.pools },
      ...pools
        .flatMap((pool) => findRepellingTaints(pool.taints))
        .map(({ key, value, effect }): PlacementConstraint => ({ kind: "tolerate", key, value, effect })),
    ];
  }

  protected override problems(): readonly string[] {
    return this.pools.length > 0 ? [] : ["pool: must not be empty"];
  }
}
