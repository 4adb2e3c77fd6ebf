import type { Construct } from "constructs";

import { labels } from "../fleet/labels";
import { nodeLabels } from "../fleet/nodes";
import { formatValue } from "../fleet/problem";
import type { PlacementContext, NodeConstraint, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";
import { hardTaints } from "./model/tolerations";

export interface OnEveryNodeProps extends PlacementProps {
  /** Nodes that are this at the edge: `iot-gateway`. @default all */
  readonly edgeNodeType?: string;
  /** Nodes of this device type. @default all */
  readonly device?: string;
}

/**
 * A pod on each node that a pool of the cluster states, or on each of one type: servers belong to no pool, and get none.
 * Whatever taints these nodes have are tolerated, as far as `placeIn` made them known. For DaemonSets.
 *
 * @example
 * new OnEveryNode(chart, "on-gateways", { workload: probe, edgeNodeType: "iot-gateway" });
 */
export class OnEveryNode extends Placement {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: OnEveryNodeProps,
  ) {
    super(scope, id, props);
  }

  protected override constraints({ scope }: PlacementContext): readonly PlacementConstraint[] {
    const demands = this.demands();
    const meant = (scope?.cluster.nodePools ?? []).filter((pool) =>
      demands.every(({ key, values }) => {
        const value = nodeLabels(pool)[key];
        return value !== undefined && (values?.includes(value) ?? true);
      }),
    );
    return [
      ...demands,
      ...meant
        .flatMap((pool) => hardTaints(pool.taints))
        .map(({ key, value, effect }): PlacementConstraint => ({ kind: "tolerate", key, value, effect })),
    ];
  }

  protected override problems({ perNode, object }: PlacementContext): readonly string[] {
    return perNode
      ? []
      : [`workload: got ${formatValue(object.kind)}, allowed a DaemonSet: only that runs on every node`];
  }

  private demands(): NodeConstraint[] {
    const { edgeNodeType, device } = this.props;
    if (edgeNodeType === undefined && device === undefined) return [{ kind: "node", key: labels.nodePool }];
    return [
      ...(edgeNodeType === undefined
        ? []
        : [{ kind: "node", key: labels.edgeNodeType, values: [edgeNodeType] } as const]),
      ...(device === undefined ? [] : [{ kind: "node", key: labels.deviceType, values: [device] } as const]),
    ];
  }
}
