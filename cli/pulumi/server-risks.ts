import type { Stack } from "@pulumi/pulumi/automation";

import { findServerRisk, type ServerSetState, toServerSetState } from "../../components/clusters/server-set-state";
import { loadFleet } from "../../fleet/reading/load";
import { checkFleet } from "../../fleet/reading/parse";
import type { ClusterSpec } from "../../fleet/model";
import { projectRoot } from "../folders";
import { fleetFile } from "../project";

/** The part of a deployment that records what the servers of each cluster are. */
interface State {
  readonly resources?: readonly { readonly type: string; readonly outputs?: unknown }[];
}

/** Type of the resource that records what the servers of a cluster are. */
export const SERVER_SET = "pulumi-nodejs:dynamic/clusters:ServerSet";

/** Returns why the servers of clusters must not change as a fleet says, one line each. */
export function findServerRisks({ resources = [] }: State, clusters: readonly ClusterSpec[]): string[] {
  const before = resources.filter(({ type }) => type === SERVER_SET).map(({ outputs }) => outputs as ServerSetState);
  return clusters.flatMap((cluster) => {
    const olds = before.find((each) => each.cluster === cluster.name);
    const risk = olds && findServerRisk(olds, toServerSetState(cluster));
    return risk === undefined ? [] : [risk];
  });
}

/**
 * Checks that an update of a stack keeps the quorum and the data of every cluster. A preview checks it too, but `skerry up` runs
 * none, and the update of one cluster does not wait for the check of another.
 *
 * @throws Error that lists every risk
 */
export async function checkServers(stack: Stack): Promise<void> {
  let file: string;
  try {
    file = fleetFile(projectRoot(), stack.name);
  } catch {
    // The project builds its fleet in another way; Pulumi checks it during the update.
    return;
  }
  const loaded = await loadFleet(file);
  const checked = loaded.ok ? checkFleet(loaded.value) : loaded;
  // The update itself reports the problems of an invalid fleet.
  if (!checked.ok) return;
  const state = (await stack.exportStack()).deployment as State;
  const risks = findServerRisks(state, checked.fleet.clusters);
  if (risks.length > 0) throw new Error(`nothing was changed:\n${risks.map((risk) => `  ${risk}`).join("\n")}`);
}
