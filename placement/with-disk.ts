import type { Construct } from "constructs";

import { labels, values } from "../fleet/labels";
import type { PlacementContext, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";

/** Weight of the preference, between 1 and 100. */
const WEIGHT = 50;

/** Properties of {@link WithDisk}. */
export interface WithDiskProps extends PlacementProps {
  /**
   * Value of the node label `disktype`. `ssd` includes NVMe disks.
   *
   * @default "ssd"
   */
  readonly disk?: typeof values.ssd;
  /**
   * Whether a pod stays pending while no such node has room. Otherwise such nodes are preferred, with weight 50.
   *
   * @default true
   */
  readonly required?: boolean;
}

/**
 * Places a workload on nodes with a type of disk.
 *
 * Writes `disktype` to `spec.nodeSelector` of the pod template if required, and to
 * `spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution` otherwise. A preference has no effect on a
 * DaemonSet.
 *
 * Synthesis fails if the disk is required and no node pool of the cluster has it.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
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
