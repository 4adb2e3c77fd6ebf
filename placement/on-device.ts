import type { Construct } from "constructs";

import { labels, taints } from "../fleet/labels";
import type { PlacementContext, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";
import { findRepellingTaints } from "../fleet/kubernetes/tolerations";

export interface OnDeviceProps extends PlacementProps {
  /** A device type of the fleet: `raspberry-pi-4`. */
  readonly device: string;
}

/**
 * Binds a workload to one type of device. Devices that are kept for work that knows them, by the taint `device-type`, are
 * tolerated; below `placeIn`, only where the cluster has such a taint.
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
    const kept = scope?.cluster.nodePools.flatMap((pool) => findRepellingTaints(pool.taints)) ?? [
      { key: taints.deviceType, value: device, effect: "NoSchedule" },
    ];
    return [
      { kind: "node", key: labels.deviceType, values: [device] },
      ...kept
        .filter(({ key, value }) => key === taints.deviceType && value === device)
        .map(({ key, value, effect }): PlacementConstraint => ({ kind: "tolerate", key, value, effect })),
    ];
  }
}
