import type { Construct } from "constructs";
import { labels, values } from "../../fleet/labels";
import type { Broker, ClusterSpec, NodePoolSpec, NodeRole } from "../../fleet/model";
import { Autonomous } from "../../placement/autonomous";
import type { PlacementConstraint } from "../../placement/model/constraint";
import { Placement, type PlacementProps } from "../../placement/placement";
import { findFewestTaints } from "../../placement/model/tolerations";
import { WithDisk } from "../../placement/with-disk";
import { WithinRegion } from "../../placement/within-region";
import type { Placeable } from "../../placement/model/workload";

/** Adds placement constructs for a broker to a scope. */
export type PlaceBroker = (scope: Construct, workload: Placeable) => void;

/**
 * Places an edge broker on an edge node of its region, preferably with a solid-state disk. It is not evicted from a
 * node that becomes unreachable: its volume is on the node, so it cannot start elsewhere, and eviction would disconnect
 * clients that can still reach it.
 */
export function edgeBrokerPlacement({ nodePools }: ClusterSpec, { region }: Broker): PlaceBroker {
  return (scope, workload) => {
    new WithinRegion(scope, "region", { workload, region });
    new OnRole(scope, "edge", {
      workload,
      role: values.edgeWorker,
      pools: nodePools.filter((pool) => pool.region === region),
    });
    new WithDisk(scope, "disk", { workload, required: false });
    new Autonomous(scope, "stays", { workload });
  };
}

/**
 * Places the cloud broker on a cloud node of the home region, preferably with a solid-state disk. It uses the default
 * scheduler, because labels suffice and other programs wait for the broker.
 */
export function cloudBrokerPlacement({ nodePools, homeRegion }: ClusterSpec): PlaceBroker {
  return (scope, workload) => {
    const pools = nodePools.filter((pool) => pool.region === homeRegion);
    new OnRole(scope, "cloud", { workload, role: values.cloudWorker, region: homeRegion, pools });
    new WithDisk(scope, "disk", { workload, required: false });
  };
}

interface OnRoleProps extends PlacementProps {
  readonly role: NodeRole;
  /** @default any region */
  readonly region?: string;
  /** Candidate node pools. Pools of other roles are ignored. */
  readonly pools: readonly NodePoolSpec[];
}

/** Requires nodes of one role and tolerates as few taints as possible. */
class OnRole extends Placement {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: OnRoleProps,
  ) {
    super(scope, id, props);
  }

  protected override constraints(): readonly PlacementConstraint[] {
    const { role, region, pools } = this.props;
    return [
      { kind: "node", key: labels.nodeType, values: [role] },
      ...(region === undefined ? [] : [{ kind: "node", key: labels.topologyRegion, values: [region] } as const]),
      ...findFewestTaints(pools.filter((pool) => pool.role === role)).map(
        ({ key, value, effect }): PlacementConstraint => ({
          kind: "tolerate",
          key,
          value,
          effect,
        }),
      ),
    ];
  }
}
