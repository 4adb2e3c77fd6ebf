import { takeSnapshot } from "../../components/clusters/snapshots-api";
import { snapshotRequest } from "../../fleet/k3s/backup";
import { connectToCluster } from "./connect";
import { findSnapshots } from "./find-snapshots";
import { readLiveVersions } from "./live-versions";
import { renderSnapshots } from "./snapshots-table";
import { findClusterSpec, readStackFleet } from "./stack-fleet";
import { readServerTokens } from "./stack-tokens";
import { isRefused, planUpgrades, renderUpgradePlan } from "./upgrade-plan";

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** Prints the snapshots of a cluster: those that it records or, if it does not answer, those in its bucket. */
export async function listClusterSnapshots(stack: string, cluster: string, json: boolean): Promise<void> {
  const { snapshots, source } = await findSnapshots(stack, cluster);
  if (json) return print(JSON.stringify({ version: 1, cluster, snapshots }, null, 2));
  if (source !== undefined) print(`  ${source}`);
  print(renderSnapshots(snapshots, Date.now()));
}

/** Takes a snapshot of a cluster now. */
export async function backUpCluster(stack: string, cluster: string): Promise<void> {
  const { backup } = findClusterSpec(await readStackFleet(stack), cluster);
  const [token] = await readServerTokens(stack, cluster);
  if (!token) throw new Error(`stack ${stack} keeps no server token of cluster ${cluster}, which a snapshot requires`);
  const names = await takeSnapshot(
    await connectToCluster(cluster),
    token.token,
    snapshotRequest(cluster, "on-demand", backup),
  );
  print(names.map((name) => `  ${name}`).join("\n"));
  if (!backup) print("  only on the disk of a server: set backup of the cluster to store snapshots in a bucket");
}

/** Prints the order of upgrades. @returns the exit code */
export async function printUpgradePlan(stack: string, json: boolean): Promise<number> {
  const fleet = await readStackFleet(stack);
  const names = fleet.clusters.map(({ name }) => name);
  const live = await Promise.all(names.map(async (name) => [name, await readLiveVersions(name)] as const));
  const planned = planUpgrades(fleet, new Map(live));
  print(json ? JSON.stringify({ version: 1, clusters: planned }, null, 2) : renderUpgradePlan(planned));
  return planned.some(isRefused) ? 1 : 0;
}
