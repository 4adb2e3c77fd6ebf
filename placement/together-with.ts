import type { ApiObject } from "cdk8s";
import type { Construct } from "constructs";

import type { Domain, PlacementContext, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";
import { keptApart, objectsOf, type PodsOf, podAffinity, podsProblems } from "./model/pods-of";

export interface TogetherWithProps extends PlacementProps {
  /** The other workload, or labels of pods. */
  readonly pods: PodsOf;
  /** What they share. @default "node" */
  readonly domain?: Domain;
  /** Whether a pod waits where that cannot be had, or is placed all the same. @default true */
  readonly required?: boolean;
}

/**
 * Places a workload's pods where those of another one run: on the same nodes, in the same zones or regions. On a
 * DaemonSet, pods of nodes without the others wait.
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
    const constraint = podAffinity(pods, { apart: false, domain, required }, context);
    // A DaemonSet's pods do not choose their nodes, so that they can wait, but have no preference.
    return constraint && (required || !context.perNode) ? [constraint] : [];
  }

  protected override problems(context: PlacementContext): readonly string[] {
    const { pods, domain = "node", required = true } = this.props;
    return [...podsProblems(pods, context), ...(required ? keptApart(this.target, pods, domain) : [])];
  }

  protected override others(): readonly ApiObject[] {
    return objectsOf(this.props.pods);
  }
}
