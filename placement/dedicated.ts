import type { Construct } from "constructs";

import { labels, taints } from "../fleet/labels";
import { describeUnknown } from "../fleet/problem";
import type { PlacementContext, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";
import { hardTaints } from "./model/tolerations";

export interface DedicatedProps extends PlacementProps {
  /** What the nodes are kept for: the value of their taint `dedicated`. */
  readonly to: string;
  /**
   * Whether the workload runs on such nodes alone, or there too. Which nodes these are is known from the fleet: without
   * `placeIn` they are tolerated, and not asked for.
   * @default true
   */
  readonly only?: boolean;
}

/**
 * Puts a workload on the nodes that are kept for its like: it tolerates their taint (`dedicated=iot:NoSchedule`) and
 * asks for the pools that have it.
 *
 * @example
 * new Dedicated(chart, "for-iot", { workload: detector, to: "iot" });
 */
export class Dedicated extends Placement {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: DedicatedProps,
  ) {
    super(scope, id, props);
  }

  protected override constraints({ scope }: PlacementContext): readonly PlacementConstraint[] {
    const { to, only = true } = this.props;
    const key = taints.dedicated;
    if (!scope) return [{ kind: "tolerate", key, value: to, effect: "NoSchedule" }];
    const kept = scope.cluster.nodePools.map(({ name, taints: all }) => ({
      name,
      taints: hardTaints(all).filter((taint) => taint.key === key && taint.value === to),
    }));
    const names = kept.filter((pool) => pool.taints.length > 0).map(({ name }) => name);
    return [
      ...kept.flatMap((pool) =>
        pool.taints.map(({ effect }): PlacementConstraint => ({ kind: "tolerate", key, value: to, effect })),
      ),
      ...(only ? [{ kind: "node", key: labels.nodePool, values: names } as const] : []),
    ];
  }

  protected override problems({ scope }: PlacementContext): readonly string[] {
    if (!scope) return [];
    const { cluster } = scope;
    const known = cluster.nodePools.flatMap((pool) =>
      hardTaints(pool.taints)
        .filter(({ key }) => key === taints.dedicated)
        .map(({ value }) => value),
    );
    if (known.includes(this.props.to)) return [];
    return [
      `to: no node pool of cluster ${cluster.name} is dedicated to that: ${describeUnknown("purpose", this.props.to, known)}`,
    ];
  }
}
