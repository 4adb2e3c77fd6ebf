import type { Construct } from "constructs";

import { labels, values } from "../fleet/labels";
import type { PlacementContext, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";

/** How much the disk counts among a pod's preferences, of 100. */
const WEIGHT = 50;

export interface WithDiskProps extends PlacementProps {
  /** What nodes say of their disk (label `disktype`): solid-state disks, NVMe among them. @default "ssd" */
  readonly disk?: typeof values.ssd;
  /** Whether other nodes will not do, or only do when there is no room. @default true */
  readonly required?: boolean;
}

/**
 * Places a workload on nodes with a disk of that kind.
 *
 * @example
 * new WithDisk(chart, "on-ssd", { workload: broker, required: false });
 */
export class WithDisk extends Placement {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: WithDiskProps,
  ) {
    super(scope, id, props);
  }

  protected override constraints({ perNode }: PlacementContext): readonly PlacementConstraint[] {
    const { disk = values.ssd, required = true } = this.props;
    if (required) return [{ kind: "node", key: labels.diskType, values: [disk] }];
    return perNode ? [] : [{ kind: "prefer", key: labels.diskType, values: [disk], weight: WEIGHT }];
  }
}
