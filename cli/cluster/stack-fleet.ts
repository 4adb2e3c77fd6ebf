import { loadFleet } from "../../fleet/reading/load";
import type { ClusterSpec, Fleet } from "../../fleet/model";
import { describeUnknown } from "../../fleet/problem";
import { checkFleet, FleetError } from "../../fleet/reading/parse";
import { projectRoot } from "../folders";
import { fleetFile } from "../project";

/**
 * Reads the fleet of a stack.
 *
 * @throws FleetError with every problem of the fleet
 */
export async function readStackFleet(stack: string): Promise<Fleet> {
  const loaded = await loadFleet(fleetFile(projectRoot(), stack));
  const checked = loaded.ok ? checkFleet(loaded.value) : loaded;
  if (!checked.ok) throw new FleetError(checked.problems);
  return checked.fleet;
}

/** Returns a cluster of a fleet by its name. */
export function findClusterSpec({ clusters }: Fleet, name: string): ClusterSpec {
  const found = clusters.find((cluster) => cluster.name === name);
  const names = clusters.map((cluster) => cluster.name);
  if (!found) throw new Error(describeUnknown("cluster", name, names));
  return found;
}
