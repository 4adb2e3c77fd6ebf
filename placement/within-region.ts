import type { Construct } from "constructs";

import { EDGE_SCHEDULER, labels } from "../fleet/labels";
import { claims } from "./model/authored";
import type { PlacementContext, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";

export interface WithinRegionProps extends PlacementProps {
  /** Its edge nodes, and no others. */
  readonly region: string;
}

/**
 * Keeps a workload in one region: on its edge nodes, or nowhere. What may run elsewhere too is `NearRegion`.
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
