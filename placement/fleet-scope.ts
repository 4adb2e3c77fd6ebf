import type { Construct, IConstruct } from "constructs";

import { linkMatrix } from "../fleet/links";
import type { ClusterSpec, Fleet, Link } from "../fleet/model";
import { describeUnknown } from "../fleet/problem";

/** The fleet and the cluster that placements are checked against. */
export interface FleetScope {
  readonly fleet: Fleet;
  /** The cluster that runs the objects. */
  readonly cluster: ClusterSpec;
}

const scopes = new WeakMap<IConstruct, FleetScope>();

/**
 * Sets the cluster that runs the objects of a scope.
 *
 * Placements are then checked against the cluster's node pools, and tolerate only taints that these have. Without it,
 * placements are checked only against each other.
 *
 * @example
 * placeIn(chart, fleet, "tokyo");
 *
 * @param scope a chart, or any other construct; the setting applies to everything below it
 * @param cluster the name of the cluster
 * @throws RangeError if the fleet has no such cluster
 */
export function placeIn(scope: Construct, fleet: Fleet, cluster: string): void {
  const found = fleet.clusters.find(({ name }) => name === cluster);
  if (!found) {
    const names = fleet.clusters.map(({ name }) => name);
    throw new RangeError(describeUnknown("cluster", cluster, names));
  }
  scopes.set(scope, { fleet, cluster: found });
}

/** Returns what {@link placeIn} set for the construct or its nearest ancestor, or undefined. */
export function findFleetScope(construct: IConstruct): FleetScope | undefined {
  return [...construct.node.scopes]
    .reverse()
    .map((scope) => scopes.get(scope))
    .find(Boolean);
}

/** Returns the measured or estimated link between two regions of a fleet. */
export function findLink(fleet: Fleet, from: string, to: string): Link | undefined {
  return linkMatrix(fleet).find((link) => link.from === from && link.to === to);
}
