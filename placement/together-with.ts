import type { ApiObject } from "cdk8s";
import type { Construct } from "constructs";

import type { Domain, Facts, Piece } from "./intent";
import { Placement, type PlacementProps } from "./place";
import { keptApart, objectsOf, type PodsOf, podsPiece, podsProblems } from "./pods-of";

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

  protected override pieces(facts: Facts): readonly Piece[] {
    const { pods, domain = "node", required = true } = this.props;
    const piece = podsPiece(pods, { apart: false, domain, required }, facts);
    // A DaemonSet's pods do not choose their nodes, so that they can wait, but have no preference.
    return piece && (required || !facts.perNode) ? [piece] : [];
  }

  protected override problems(facts: Facts): readonly string[] {
    const { pods, domain = "node", required = true } = this.props;
    return [...podsProblems(pods, facts), ...(required ? keptApart(this.target, pods, domain) : [])];
  }

  protected override others(): readonly ApiObject[] {
    return objectsOf(this.props.pods);
  }
}
