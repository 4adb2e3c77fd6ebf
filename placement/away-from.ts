import type { ApiObject } from "cdk8s";
import type { Construct } from "constructs";

import type { Domain, PlacementContext, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";
import { objectsOf, type PodsOf, toPodAffinity, checkPods } from "./model/pods-of";

/** Properties of {@link AwayFrom}. */
export interface AwayFromProps extends PlacementProps {
  /** The other pods: a workload, or the labels that the pods have. */
  readonly pods: PodsOf;
  /**
   * The domain that the pods must not share.
   *
   * @default "node"
   */
  readonly domain?: Domain;
  /**
   * Whether a pod stays pending while the rule cannot be met. Otherwise the rule is a preference with weight 100.
   *
   * @default true
   */
  readonly required?: boolean;
}

/**
 * Keeps the pods of a workload out of the nodes, zones or regions where other pods run.
 *
 * If `pods` is the workload itself, its pods are kept apart from each other. For a DaemonSet, a required rule leaves the
 * pods of nodes with the other pods pending, and a preference has no effect.
 *
 * Writes a term to `spec.affinity.podAntiAffinity` of the pod template: to
 * `requiredDuringSchedulingIgnoredDuringExecution` if required, and to `preferredDuringSchedulingIgnoredDuringExecution`
 * otherwise.
 *
 * Synthesis fails if the other workload's pods have no labels, or if a `TogetherWith` requires the opposite.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity
 *
 * @example
 * new AwayFrom(chart, "not-by-the-inspector", { workload: detector, pods: inspector });
 */
export class AwayFrom extends Placement {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: AwayFromProps,
  ) {
    super(scope, id, props);
  }

  protected override constraints(context: PlacementContext): readonly PlacementConstraint[] {
    const { pods, domain = "node", required = true } = this.props;
    const constraint = toPodAffinity(pods, { apart: true, domain, required }, context);
    // Each pod of a DaemonSet has a fixed node. It can wait for that node to qualify, but has no other to prefer.
    return constraint && (required || !context.perNode) ? [constraint] : [];
  }

  protected override problems(context: PlacementContext): readonly string[] {
    return checkPods(this.props.pods, context);
  }

  protected override others(): readonly ApiObject[] {
    return objectsOf(this.props.pods);
  }
}
