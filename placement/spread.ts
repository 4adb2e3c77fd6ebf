import type { Construct } from "constructs";

import type { Domain, PlacementContext, PlacementConstraint, UnsatisfiableAction } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";

/** Properties of the spread constructs. */
export interface SpreadProps extends PlacementProps {
  /**
   * Largest difference between the numbers of pods in any two domains, at least 1.
   *
   * @default 1
   */
  readonly maxSkew?: number;
  /**
   * Least number of domains, at least 1. While there are fewer, the missing ones count as empty. Requires
   * `whenUnsatisfiable: "DoNotSchedule"`.
   *
   * @default - no minimum
   */
  readonly minDomains?: number;
  /**
   * Whether a pod that would exceed `maxSkew` stays pending or is scheduled anyway.
   *
   * @default "DoNotSchedule" with `minDomains`, "ScheduleAnyway" otherwise
   */
  readonly whenUnsatisfiable?: UnsatisfiableAction;
}

abstract class Spread extends Placement {
  constructor(
    scope: Construct,
    id: string,
    private readonly over: Domain,
    private readonly props: SpreadProps,
  ) {
    super(scope, id, props);
  }

  protected override constraints({ perNode }: PlacementContext): readonly PlacementConstraint[] {
    const { maxSkew = 1, minDomains } = this.props;
    if (perNode) return [];
    return [
      {
        kind: "spread",
        over: this.over,
        maxSkew,
        ...(minDomains !== undefined && { minDomains }),
        whenUnsatisfiable: this.whenUnsatisfiable,
      },
    ];
  }

  protected override problems(): readonly string[] {
    const { maxSkew = 1, minDomains } = this.props;
    const checkCount = (name: string, got: number): string[] =>
      Number.isInteger(got) && got >= 1 ? [] : [`${name}: must be an integer of at least 1, got ${got}`];
    return [
      ...checkCount("maxSkew", maxSkew),
      ...(minDomains === undefined ? [] : checkCount("minDomains", minDomains)),
      ...(minDomains !== undefined && this.whenUnsatisfiable !== "DoNotSchedule"
        ? [`whenUnsatisfiable: must be DoNotSchedule with minDomains, got ${this.whenUnsatisfiable}`]
        : []),
    ];
  }

  private get whenUnsatisfiable(): UnsatisfiableAction {
    return this.props.whenUnsatisfiable ?? (this.props.minDomains === undefined ? "ScheduleAnyway" : "DoNotSchedule");
  }
}

/**
 * Spreads the pods of a workload evenly over nodes, so that the loss of one node affects few of them.
 *
 * Writes a constraint with topology key `kubernetes.io/hostname` to `spec.topologySpreadConstraints` of the pod template.
 * With `DoNotSchedule`, nodes with taints that the pods do not tolerate are not counted (`nodeTaintsPolicy: Honor`). It
 * has no effect on a DaemonSet.
 *
 * Synthesis fails if the object has a different constraint for nodes, or if the pods can run on fewer than `minDomains`.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
 *
 * @example
 * new SpreadAcrossNodes(chart, "over-nodes", { workload: detector, whenUnsatisfiable: "DoNotSchedule" });
 */
export class SpreadAcrossNodes extends Spread {
  constructor(scope: Construct, id: string, props: SpreadProps) {
    super(scope, id, "node", props);
  }
}

/**
 * Spreads the pods of a workload evenly over zones, so that the loss of one zone affects few of them.
 *
 * Writes a constraint with topology key `topology.kubernetes.io/zone` to `spec.topologySpreadConstraints` of the pod
 * template. With `DoNotSchedule`, nodes with taints that the pods do not tolerate are not counted
 * (`nodeTaintsPolicy: Honor`). It has no effect on a DaemonSet.
 *
 * Synthesis fails if the object has a different constraint for zones, or if the pods can run in fewer than `minDomains`.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
 *
 * @example
 * new SpreadAcrossZones(chart, "over-zones", { workload: detector, maxSkew: 2 });
 */
export class SpreadAcrossZones extends Spread {
  constructor(scope: Construct, id: string, props: SpreadProps) {
    super(scope, id, "zone", props);
  }
}

/**
 * Spreads the pods of a workload evenly over the regions in which it may run.
 *
 * Writes a constraint with topology key `topology.kubernetes.io/region` to `spec.topologySpreadConstraints` of the pod
 * template. With `DoNotSchedule`, nodes with taints that the pods do not tolerate are not counted
 * (`nodeTaintsPolicy: Honor`). It has no effect on a DaemonSet.
 *
 * Synthesis fails if the object has a different constraint for regions, or if the pods can run in fewer than
 * `minDomains`.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
 *
 * @example
 * new SpreadAcrossRegions(chart, "three-regions", { workload: detector, minDomains: 3 });
 */
export class SpreadAcrossRegions extends Spread {
  constructor(scope: Construct, id: string, props: SpreadProps) {
    super(scope, id, "region", props);
  }
}
