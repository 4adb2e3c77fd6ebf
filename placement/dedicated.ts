import type { Construct } from "constructs";

import { labels, taints } from "../fleet/labels";
import { describeUnknown } from "../fleet/problem";
import type { PlacementContext, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";
import { findRepellingTaints } from "../fleet/kubernetes/tolerations";

/** Properties of {@link Dedicated}. */
export interface DedicatedProps extends PlacementProps {
  /** The purpose of the nodes: the value of their taint `dedicated`. */
  readonly to: string;
  /**
   * Whether the workload runs only on these nodes. Requires `placeIn`: without a fleet, the taint is tolerated but
   * the nodes are not required.
   *
   * @default true
   */
  readonly only?: boolean;
}

/**
 * Places a workload on nodes that are dedicated to a purpose by the taint `dedicated`.
 *
 * Writes to the pod template:
 * - `spec.tolerations`: `dedicated=<to>` with the effects that the taint has in the cluster, or with `NoSchedule` if the
 *   cluster is not set by `placeIn`.
 * - Unless `only` is false, a required node affinity or node selector for the node pools with that taint.
 *
 * Synthesis fails if no node pool of the cluster has the taint.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#example-use-cases
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
    const pools = scope.cluster.nodePools.map(({ name, taints: all }) => ({
      name,
      taints: findRepellingTaints(all).filter((taint) => taint.key === key && taint.value === to),
    }));
    const names = pools.filter((pool) => pool.taints.length > 0).map(({ name }) => name);
    return [
      ...pools.flatMap((pool) =>
        pool.taints.map(({ effect }): PlacementConstraint => ({ kind: "tolerate", key, value: to, effect })),
      ),
      ...(only ? [{ kind: "node", key: labels.nodePool, values: names } as const] : []),
    ];
  }

  protected override problems({ scope }: PlacementContext): readonly string[] {
    if (!scope) return [];
    const { cluster } = scope;
    const purposes = cluster.nodePools.flatMap((pool) =>
      findRepellingTaints(pool.taints)
        .filter(({ key }) => key === taints.dedicated)
        .map(({ value }) => value),
    );
    if (purposes.includes(this.props.to)) return [];
    return [
      `to: no node pool of cluster ${cluster.name} has taint ${taints.dedicated}=${this.props.to}: ${describeUnknown("purpose", this.props.to, purposes)}`,
    ];
  }
}
