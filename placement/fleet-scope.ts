import type { Construct, IConstruct } from "constructs";

import { linkMatrix } from "../fleet/links";
import type { ClusterSpec, Fleet, Link } from "../fleet/model";

/** What placements below a scope may be checked against. */
export interface FleetScope {
  readonly fleet: Fleet;
  /** The cluster that the objects go to. */
  readonly cluster: ClusterSpec;
}

const scopes = new WeakMap<IConstruct, FleetScope>();

/**
 * Says into which cluster the objects below a scope go. Placements are then held against its node pools, and tolerate the
 * taints that these really have. Without it they only contradict each other.
 *
 * @example
 * placeIn(chart, fleet, "tokyo");
 *
 * @throws RangeError when the fleet has no such cluster
 */
export function placeIn(scope: Construct, fleet: Fleet, cluster: string): void {
  const found = fleet.clusters.find(({ name }) => name === cluster);
  if (!found) {
    const known = fleet.clusters.map(({ name }) => name).join(", ");
    throw new RangeError(`cluster: got "${cluster}", known in fleet ${fleet.name}: ${known}`);
  }
  scopes.set(scope, { fleet, cluster: found });
}

/** The nearest scope's cluster; undefined when nobody said. */
export function fleetScopeOf(construct: IConstruct): FleetScope | undefined {
  return [...construct.node.scopes]
    .reverse()
    .map((scope) => scopes.get(scope))
    .find(Boolean);
}

/** The round trip between two regions of a fleet, stated or estimated. */
export function linkBetween(fleet: Fleet, from: string, to: string): Link | undefined {
  return linkMatrix(fleet).find((link) => link.from === from && link.to === to);
}
