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

/** States where a broker belongs, by constructs in a scope. */
export type PlaceBroker = (scope: Construct, workload: Placeable) => void;

/**
 * An edge broker: in its region and nowhere else, on an edge node, rather on one with a solid-state disk. It stays on a
 * node that is lost: its volume is there, so it could start nowhere else, and evicting it would only cut off the clients
 * that still reach it.
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
 * The cloud broker: on a cloud node of the home region. By the default scheduler, as labels say all there is to say,
 * and the rest of the fleet waits for it.
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
  /** @default any */
  readonly region?: string;
  /** Of which those of the role are meant. */
  readonly pools: readonly NodePoolSpec[];
}

/** On nodes of one role, tolerating no more than it must to have one. */
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
