import type { Construct } from "constructs";

import { labels, taints } from "../fleet/labels";
import type { PlacementContext, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";
import { findRepellingTaints } from "../fleet/kubernetes/tolerations";

/** Properties of {@link OnDevice}. */
export interface OnDeviceProps extends PlacementProps {
  /** Device type, such as `raspberry-pi-4`. */
  readonly device: string;
}

/**
 * Restricts a workload to nodes of one device type.
 *
 * Writes to the pod template:
 * - `spec.nodeSelector`: the label `device-type`.
 * - `spec.tolerations`: the taint `device-type=<device>`. If the cluster is set by `placeIn`, only if and as the
 *   cluster's nodes have it; otherwise with effect `NoSchedule`.
 *
 * Synthesis fails if no node pool of the cluster has the device.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodeselector
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
 *
 * @example
 * new OnDevice(chart, "on-jetsons", { workload: inspector, device: "jetson-orin-nano" });
 */
export class OnDevice extends Placement {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: OnDeviceProps,
  ) {
    super(scope, id, props);
  }

  protected override constraints({ scope }: PlacementContext): readonly PlacementConstraint[] {
    const { device } = this.props;
    const deviceTaints = scope?.cluster.nodePools.flatMap((pool) => findRepellingTaints(pool.taints)) ?? [
      { key: taints.deviceType, value: device, effect: "NoSchedule" },
    ];
    return [
      { kind: "node", key: labels.deviceType, values: [device] },
      ...deviceTaints
        .filter(({ key, value }) => key === taints.deviceType && value === device)
        .map(({ key, value, effect }): PlacementConstraint => ({ kind: "tolerate", key, value, effect })),
    ];
  }
}
