import { openSnapshotStore } from "./snapshot-store";
import type { ClusterSpec } from "../../fleet/model";
import { checkRestore, type KeptToken } from "../../fleet/k3s/restore";
import type { Snapshot } from "../../fleet/k3s/snapshots";
import { findClusterUid, isInLab, type RestorableState } from "./deployed-servers";
import { keptTokens } from "./kept-tokens";

/** A snapshot that can be restored. */
export interface RestorableSnapshot {
  readonly snapshot: Snapshot;
  /** The server token of its time. Secret. */
  readonly token: KeptToken;
}

/**
 * Checks that a snapshot of a cluster can be restored: it is in the bucket, of this cluster, and its server token is kept. Reads only
 * the bucket and the state of the stack, so the cluster need not answer.
 *
 * @throws Error with every problem
 */
export async function checkClusterRestore(
  cluster: ClusterSpec,
  name: string,
  state: RestorableState,
): Promise<RestorableSnapshot> {
  const store = openSnapshotStore(cluster, isInLab(state, cluster.name));
  if (!store) {
    throw new Error(
      `clusters.${cluster.name}.backup: must be set: new servers can restore only from the bucket that it names`,
    );
  }
  const snapshot = await store.find(name);
  if (!snapshot)
    throw new Error(`${store.url} has no snapshot ${name}; skerry cluster list ${cluster.name} shows them`);
  const uid = findClusterUid(state, cluster.name);
  const check = checkRestore({
    snapshot,
    ...(snapshot.cluster !== undefined && { snapshotCluster: snapshot.cluster }),
    ...(uid !== undefined && { cluster: uid }),
    tokens: keptTokens(state, cluster.name),
  });
  if (check.ok) return { snapshot, token: check.token };
  throw new Error(`the snapshot cannot be restored:\n${check.problems.map((each) => `  ${each}`).join("\n")}`);
}

/** Says with which token a snapshot is restored, without the token. */
export const describeToken = ({ retired }: KeptToken): string =>
  retired === undefined ? "the server token in force" : `the server token that was in force until ${retired}`;
