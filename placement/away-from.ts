import type { ApiObject } from "cdk8s";
import type { Construct } from "constructs";

import type { Domain, PlacementContext, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";
import { objectsOf, type PodsOf, podAffinity, podsProblems } from "./model/pods-of";

export interface AwayFromProps extends PlacementProps {
  /** The other workload, or labels of pods. */
  readonly pods: PodsOf;
  /** What they must not share. @default "node" */
  readonly domain?: Domain;
  /** Whether a pod waits where that cannot be had, or is placed all the same. @default true */
  readonly required?: boolean;
}

/**
 * Keeps a workload's pods apart from those of another one, or from each other (`pods` is then the workload itself). On a
 * DaemonSet, pods of nodes with the others wait.
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
    const constraint = podAffinity(pods, { apart: true, domain, required }, context);
    // A DaemonSet's pods do not choose their nodes, so that they can wait, but have no preference.
    return constraint && (required || !context.perNode) ? [constraint] : [];
  }

  protected override problems(context: PlacementContext): readonly string[] {
    return podsProblems(this.props.pods, context);
  }

  protected override others(): readonly ApiObject[] {
    return objectsOf(this.props.pods);
  }
}
