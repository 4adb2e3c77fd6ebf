import type { Construct } from "constructs";

import { labels } from "../fleet/labels";
import type { PlacementContext, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";
import { findRepellingTaints } from "../fleet/kubernetes/tolerations";

export interface OnNodePoolProps extends PlacementProps {
  /** Name of a pool in the cluster that the workload goes to, or several of which any will do. */
  readonly pool: string | readonly string[];
}

/**
 * Binds a workload to the nodes of one pool. Who names a pool means its nodes as they are: below `placeIn`, the taints of
 * the pool are tolerated.
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
    const named = scope?.cluster.nodePools.filter(({ name }) => this.pools.includes(name)) ?? [];
    return [
      { kind: "node", key: labels.nodePool, values: this.pools },
      ...named
        .flatMap((pool) => findRepellingTaints(pool.taints))
        .map(({ key, value, effect }): PlacementConstraint => ({ kind: "tolerate", key, value, effect })),
    ];
  }

  protected override problems(): readonly string[] {
    return this.pools.length > 0 ? [] : ["pool: got an empty list, allowed one name or more"];
  }
}
