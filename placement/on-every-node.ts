import type { Construct } from "constructs";

import { labels } from "../fleet/labels";
import { nodeLabels } from "../fleet/nodes";
import { formatValue } from "../fleet/problem";
import type { PlacementContext, NodeConstraint, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";
import { meetsConstraint } from "./model/demands";
import { findRepellingTaints } from "../fleet/kubernetes/tolerations";

/** Properties of {@link OnEveryNode}. */
export interface OnEveryNodeProps extends PlacementProps {
  /**
   * Type of the edge nodes, such as `iot-gateway`.
   *
   * @default - nodes of every type
   */
  readonly edgeNodeType?: string;
  /**
   * Device type of the nodes, such as `raspberry-pi-4`.
   *
   * @default - nodes of every device type
   */
  readonly device?: string;
}

/**
 * Runs one pod of a DaemonSet on every node of the cluster's node pools, or on those of one type.
 *
 * Servers belong to no node pool and run no pod. Writes to the pod template:
 * - `spec.nodeSelector`: the labels `edge-node-type` and `device-type`, or
 * - `spec.affinity.nodeAffinity`: the label of the node pool must exist, if neither prop is set.
 * - `spec.tolerations`: the taints of these nodes, if the cluster is set by `placeIn`.
 *
 * Synthesis fails if the workload is not a DaemonSet.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#taints-and-tolerations
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
    const constraints = this.nodeConstraints();
    const matching = (scope?.cluster.nodePools ?? []).filter((pool) =>
      constraints.every((constraint) => meetsConstraint(nodeLabels(pool), constraint)),
    );
    return [
      ...constraints,
      ...matching
        .flatMap((pool) => findRepellingTaints(pool.taints))
        .map(({ key, value, effect }): PlacementConstraint => ({ kind: "tolerate", key, value, effect })),
    ];
  }

  protected override problems({ perNode, object }: PlacementContext): readonly string[] {
    return perNode ? [] : [`workload: must be a DaemonSet, got ${formatValue(object.kind)}`];
  }

  private nodeConstraints(): NodeConstraint[] {
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
