import { listSnapshots, takeSnapshot } from "../../components/clusters/snapshots-api";
import { snapshotRequest } from "../../fleet/k3s/backup";
import { checkRestore } from "../../fleet/k3s/restore";
import { connectToCluster } from "./connect";
import { readLiveVersions } from "./live-versions";
import { renderSnapshots } from "./snapshots-table";
import { findClusterSpec, readStackFleet } from "./stack-fleet";
import { readServerTokens } from "./stack-tokens";
import { isRefused, planUpgrades, renderUpgradePlan } from "./upgrade-plan";

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** Prints the snapshots of a cluster. */
export async function listClusterSnapshots(cluster: string, json: boolean): Promise<void> {
  const snapshots = await listSnapshots(await connectToCluster(cluster));
  print(json ? JSON.stringify({ version: 1, cluster, snapshots }, null, 2) : renderSnapshots(snapshots, Date.now()));
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

/**
 * Checks that a snapshot of a cluster can be restored.
 *
 * @throws Error with every problem
 */
export async function checkClusterRestore(stack: string, cluster: string, name: string): Promise<void> {
  const snapshots = await listSnapshots(await connectToCluster(cluster));
  const named = snapshots.filter((snapshot) => snapshot.name === name);
  // K3s records the file on the server and the object in the bucket under one name.
  const snapshot = named.find(({ location }) => location.startsWith("s3://")) ?? named[0];
  if (!snapshot)
    throw new Error(`cluster ${cluster} has no snapshot ${name}; skerry cluster list ${cluster} shows them`);
  const check = checkRestore({ snapshot, tokens: await readServerTokens(stack, cluster) });
  if (!check.ok)
    throw new Error(`the snapshot cannot be restored:\n${check.problems.map((each) => `  ${each}`).join("\n")}`);
  const { retired } = check.token;
  print(
    `  ${name} can be restored, with the server token ${retired === undefined ? "in force" : `that was in force until ${retired}`}`,
  );
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
