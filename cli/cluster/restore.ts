import type { Stack } from "@pulumi/pulumi/automation";
import pc from "picocolors";

import {
  FINISHED_RESTORE_VARIABLE,
  type OrderedRestore,
  RESTORE_VARIABLE,
} from "../../components/clusters/ordered-restore";
import { tokenHash } from "../../fleet/k3s/backup";
import type { ClusterSpec } from "../../fleet/model";
import { projectRoot } from "../folders";
import { readKubeconfig } from "../kubeconfigs";
import { prepareStack } from "../lab/prepare-stack";
import { ConsoleProgress, elapsed, type Progress, type Step } from "../progress";
import { LOCAL_STACK } from "../project";
import { terminateOrphans } from "../pulumi/orphans";
import { openExistingStack, releaseDeadLocks } from "../pulumi/stack";
import { refreshTargets, updateTargets } from "../pulumi/targeted-update";
import { runExclusively } from "../run-lock";
import { checkClusterRestore, describeToken, type RestorableSnapshot } from "./check-restore";
import { confirmByName } from "./confirm";
import { readLiveVersions } from "./live-versions";
import { describeNewerAgents } from "./newer-agents";
import {
  findObjects,
  findUnfinishedRestore,
  hasBegun,
  hasPendingServer,
  haveServersJoined,
  type RestorableState,
  serverTargets,
} from "./deployed-servers";
import { findClusterSpec, readStackFleet } from "./stack-fleet";
import { forgetStaleNodes } from "./stale-nodes";

/** What a restore is asked to do. */
export interface RestoreOptions {
  readonly stack: string;
  readonly cluster: string;
  /** Name of the snapshot. */
  readonly snapshot: string;
  /** Whether only to check that the snapshot can be restored. */
  readonly check: boolean;
  /** Whether not to ask. */
  readonly yes: boolean;
}

const print = (text: string): void => void process.stdout.write(`  ${text}\n`);

async function readState(stack: Stack): Promise<RestorableState> {
  return (await stack.exportStack()).deployment as RestorableState;
}

/** Returns the id of a new restore: a DNS label. */
const newRestoreId = (now: Date): string =>
  now
    .toISOString()
    .replace(/[-:]|\.\d+/g, "")
    .toLowerCase();

/**
 * Returns the id of the restore that an earlier command began, or of a new one.
 *
 * @throws Error if the earlier one has to be finished first
 */
export function chooseRestoreId(state: RestorableState, cluster: string, snapshot: string, now: Date): string {
  const unfinished = findUnfinishedRestore(state, cluster);
  if (unfinished?.snapshot === snapshot) return unfinished.id;
  if (unfinished && hasPendingServer(state, cluster)) {
    throw new Error(
      `the restore of snapshot ${unfinished.snapshot} was interrupted while it created a server: finish it first, with ` +
        `skerry cluster restore ${cluster} ${unfinished.snapshot}`,
    );
  }
  return newRestoreId(now);
}

/** Runs one step of a restore, and reports it. */
async function report<T>(progress: Progress, name: string, text: string, work: (step: Step) => Promise<T>): Promise<T> {
  const step = progress.start(name, text);
  try {
    const result = await work(step);
    step.done(typeof result === "string" ? result : "done");
    return result;
  } catch (error) {
    step.failed("failed: run the same command again to continue");
    throw error;
  }
}

/** Stops every server of a cluster, and creates servers that restore the snapshot. The state of the stack stays true. */
async function replaceServers(
  stack: Stack,
  cluster: ClusterSpec,
  { snapshot, token }: RestorableSnapshot,
  progress: Progress,
): Promise<void> {
  const { name, servers } = cluster;
  const state = await readState(stack);
  const id = chooseRestoreId(state, name, snapshot.name, new Date());
  // Afterwards the token may have been rotated, so this must not be repeated.
  if (hasBegun(state, name, id) && haveServersJoined(state, name, servers)) return;
  const restore: OrderedRestore = {
    ...{ cluster: name, id, snapshot: snapshot.name },
    ...(token.retired !== undefined && { tokenHash: tokenHash(token.token) }),
  };
  await report(progress, "servers", "deleting and restoring", (step) =>
    updateTargets(
      stack,
      { targets: serverTargets(name, servers), step },
      { [RESTORE_VARIABLE]: JSON.stringify(restore) },
    ),
  );
}

/** Makes the restored cluster and the state of the stack agree. */
async function settle(stack: Stack, cluster: ClusterSpec, progress: Progress): Promise<void> {
  const { name, servers } = cluster;
  const state = await readState(stack);
  await report(progress, "nodes", "deleting nodes without a machine", async () => {
    const stale = await forgetStaleNodes(await readKubeconfig(name), cluster, state);
    return stale.length === 0 ? "every node has a machine" : `deleted ${stale.join(", ")}`;
  });
  await report(progress, "objects", "comparing the state of the stack", (step) =>
    refreshTargets(stack, { targets: findObjects(state, name), step }),
  );
  // Deletes the order last, so that an interrupted restore is recognized.
  await report(progress, "server token", "in force", (step) =>
    updateTargets(stack, { targets: serverTargets(name, servers), step }, { [FINISHED_RESTORE_VARIABLE]: name }),
  );
}

/** Restores a cluster from a snapshot. It can be interrupted at any moment and run again. */
export async function restoreCluster(options: RestoreOptions): Promise<void> {
  const { stack: stackName, cluster: name, snapshot: snapshotName, check, yes } = options;
  const cluster = findClusterSpec(await readStackFleet(stackName), name);
  const progress = new ConsoleProgress();
  const engine = await prepareStack(stackName, progress);
  const stack = await openExistingStack(engine, stackName);
  const checked = await checkClusterRestore(cluster, snapshotName, await readState(stack));
  print(`${snapshotName} can be restored, with ${describeToken(checked.token)}`);
  const age = elapsed(Date.parse(checked.snapshot.takenAt));
  print(`the changes of the last ${age}, since ${checked.snapshot.takenAt}, will be lost`);
  if (check) return;
  print(
    `${cluster.servers === 1 ? "the server" : `all ${cluster.servers} servers`} of cluster ${name} will be replaced`,
  );
  if (!yes) await confirmByName(name);

  const newerAgents = describeNewerAgents(cluster, await readLiveVersions(name));
  const started = Date.now();
  await runExclusively("cluster restore", true, async () => {
    await terminateOrphans(projectRoot());
    if (stackName === LOCAL_STACK) await releaseDeadLocks(stack);
    await replaceServers(stack, cluster, checked, progress);
    print(`servers restored after ${elapsed(started)}`);
    await settle(stack, cluster, progress);
  });
  print(`restored ${name} from ${snapshotName} · ${elapsed(started)} · lost: the changes of ${age}`);
  if (newerAgents !== undefined) print(newerAgents);
  print(`next: ${pc.bold("npx skerry up")} applies what the fleet has changed since the snapshot`);
}
