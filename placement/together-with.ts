import type { ApiObject } from "cdk8s";
import type { Construct } from "constructs";

import type { Domain, PlacementContext, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";
import { findSeparation, objectsOf, type PodsOf, toPodAffinity, checkPods } from "./model/pods-of";

/** Properties of {@link TogetherWith}. */
export interface TogetherWithProps extends PlacementProps {
  /** The other pods: a workload, or the labels that the pods have. */
  readonly pods: PodsOf;
  /**
   * The domain that the pods share.
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
 * Places the pods of a workload on the nodes, or in the zones or regions, where other pods run.
 *
 * For a DaemonSet, a required rule leaves the pods of nodes without the other pods pending, and a preference has no
 * effect.
 *
 * Writes a term to `spec.affinity.podAffinity` of the pod template: to
 * `requiredDuringSchedulingIgnoredDuringExecution` if required, and to `preferredDuringSchedulingIgnoredDuringExecution`
 * otherwise.
 *
 * Synthesis fails if the other workload's pods have no labels, if an `AwayFrom` requires the opposite, or if both
 * workloads are required to run in different places.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity
 *
 * @example
 * new TogetherWith(chart, "by-the-broker", { workload: detector, pods: broker, domain: "region" });
 */
export class TogetherWith extends Placement {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: TogetherWithProps,
  ) {
    super(scope, id, props);
  }

  protected override constraints(context: PlacementContext): readonly PlacementConstraint[] {
    const { pods, domain = "node", required = true } = this.props;
    const constraint = toPodAffinity(pods, { apart: false, domain, required }, context);
    // Each pod of a DaemonSet has a fixed node. It can wait for that node to qualify, but has no other to prefer.
    return constraint && (required || !context.perNode) ? [constraint] : [];
  }

  protected override problems(context: PlacementContext): readonly string[] {
    const { pods, domain = "node", required = true } = this.props;
    return [...checkPods(pods, context), ...(required ? findSeparation(this.target, pods, domain) : [])];
  }

  protected override others(): readonly ApiObject[] {
    return objectsOf(this.props.pods);
  }
}
