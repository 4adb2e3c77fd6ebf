import { describeFailure } from "../../components/clusters/kubeconfig";
import { listSnapshots } from "../../components/clusters/snapshots-api";
import type { Snapshot } from "../../fleet/k3s/snapshots";
import { openKubeconfig } from "../kubeconfigs";
import { ConsoleProgress } from "../progress";
import { resolveEngine } from "../pulumi/environment";
import { openExistingStack } from "../pulumi/stack";
import { isInLab, type RestorableState } from "./deployed-servers";
import { openSnapshotStore } from "./snapshot-store";
import { findClusterSpec, readStackFleet } from "./stack-fleet";

/** The snapshots of a cluster, newest first, and where they were read if the cluster did not answer. */
export interface FoundSnapshots {
  readonly snapshots: readonly Snapshot[];
  readonly source?: string;
}

/**
 * Finds the snapshots of a cluster: those that it records or, if it does not answer, those in its bucket.
 *
 * @throws Error if neither can be read
 */
export async function findSnapshots(stackName: string, cluster: string): Promise<FoundSnapshots> {
  let failure: string;
  try {
    return { snapshots: await listSnapshots(await openKubeconfig(cluster)) };
  } catch (error) {
    failure = describeFailure(error);
  }
  const spec = findClusterSpec(await readStackFleet(stackName), cluster);
  const stack = await openExistingStack(await resolveEngine(new ConsoleProgress()), stackName);
  const state = (await stack.exportStack()).deployment as RestorableState;
  const store = openSnapshotStore(spec, isInLab(state, cluster));
  if (!store) throw new Error(`cluster ${cluster} does not answer (${failure}), and has no bucket (backup)`);
  return {
    snapshots: await store.list(),
    source: `cluster ${cluster} does not answer (${failure}): read from ${store.url}`,
  };
}
