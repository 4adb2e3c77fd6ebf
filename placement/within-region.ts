import type { Construct } from "constructs";

import { EDGE_SCHEDULER, labels } from "../fleet/labels";
import { claims } from "./model/authored";
import type { PlacementContext, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";

/** Properties of {@link WithinRegion}. */
export interface WithinRegionProps extends PlacementProps {
  /** Name of the region. */
  readonly region: string;
}

/**
 * Restricts a workload to the edge nodes of one region. Use `NearRegion` for a workload that may run elsewhere too.
 *
 * Writes to the pod template:
 * - `metadata.labels`: `required-region`, and `spec.schedulerName`: `edge-scheduler`, which enforces it.
 * - `spec.nodeSelector`: the label `edge-region`, for a DaemonSet or with a strict spread.
 *
 * Synthesis fails if no node pool of the cluster is in the region.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodeselector
 *
 * @example
 * new WithinRegion(chart, "in-tokyo", { workload: detector, region: "tokyo" });
 */
export class WithinRegion extends Placement {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: WithinRegionProps,
  ) {
    super(scope, id, props);
  }

  protected override constraints({ perNode }: PlacementContext): readonly PlacementConstraint[] {
    const { region } = this.props;
    return [
      { kind: "reach", key: labels.edgeRegion, values: [region] },
      { kind: "claim", key: claims.served, value: region },
      { kind: "claim", key: claims.fallback, value: "none" },
      ...(perNode
        ? []
        : ([
            { kind: "scheduler", value: EDGE_SCHEDULER },
            { kind: "label", key: labels.requiredRegion, value: region },
          ] as const)),
    ];
  }
}
