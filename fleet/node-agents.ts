import type { Fleet, NodePoolSpec } from "./model";

type Pool = Pick<NodePoolSpec, "nodeAgent">;

/** Reports whether the node agent runs on the nodes of a pool. */
export const runsNodeAgent = (fleet: Pick<Fleet, "nodeAgent">, pool: Pool): boolean =>
  pool.nodeAgent ?? fleet.nodeAgent;

/** Reports whether the node agent runs on any node of some pools, or on the control-plane nodes of their cluster. */
export const runsAnyNodeAgent = (fleet: Pick<Fleet, "nodeAgent">, pools: readonly Pool[]): boolean =>
  fleet.nodeAgent || pools.some((pool) => runsNodeAgent(fleet, pool));
