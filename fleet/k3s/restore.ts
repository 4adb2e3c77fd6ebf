import { tokenHash } from "./backup";
import { isOffNode, type Snapshot } from "./snapshots";

/** A server token of a cluster. A snapshot can be restored only with the token of its time. */
export interface KeptToken {
  /** Secret. */
  readonly token: string;
  /** When it was rotated, RFC 3339. Absent for the token in force. */
  readonly retired?: string;
}

/** What a restore is checked against. */
export interface RestoreRequest {
  readonly snapshot: Snapshot;
  /** UID of the namespace kube-system in the snapshot, where known: K3s stores it with the object in the bucket. */
  readonly snapshotCluster?: string;
  /** UID of the namespace kube-system of the cluster, where known. */
  readonly cluster?: string;
  /** The token in force and all earlier ones. */
  readonly tokens: readonly KeptToken[];
}

/** Whether a snapshot can be restored, and with which token. */
export type RestoreCheck =
  { readonly ok: true; readonly token: KeptToken } | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Checks a restore before anything is stopped: the snapshot is complete and survives the loss of the servers, it is of this
 * cluster, and the server token that decrypts it is kept. Messages contain no token.
 */
export function checkRestore({ snapshot, snapshotCluster, cluster, tokens }: RestoreRequest): RestoreCheck {
  const problems: string[] = [];
  const { name, ready, location, error, tokenHash: wanted } = snapshot;
  if (!ready) problems.push(`snapshot ${name} is not complete${error === undefined ? "" : `: ${error}`}`);
  if (!isOffNode(snapshot)) {
    problems.push(
      `snapshot ${name} is on the disk of a server (${location}): new servers can restore only from a bucket`,
    );
  }
  if (snapshotCluster !== undefined && cluster !== undefined && snapshotCluster !== cluster) {
    problems.push(`snapshot ${name} is of another cluster: kube-system has UID ${snapshotCluster}, must be ${cluster}`);
  }
  const token = tokens.find((kept) => tokenHash(kept.token) === wanted);
  if (wanted === undefined) {
    problems.push(`snapshot ${name} does not record the hash of its server token, so that no token can be checked`);
  } else if (!token) {
    const kept = tokens.map(
      (each) => `${tokenHash(each.token)} (${each.retired ? `until ${each.retired}` : "in force"})`,
    );
    problems.push(
      `snapshot ${name} needs the server token with hash ${wanted}, and none of the kept ones has it: ${kept.join(", ") || "none is kept"}`,
    );
  }
  return problems.length > 0 || !token ? { ok: false, problems } : { ok: true, token };
}

/**
 * Returns the nodes that a restored cluster must forget: those in the snapshot without a machine. K3s does not remove them, and
 * the password of a forgotten node would keep a new machine of the same name from joining.
 *
 * @param nodes names of the Node objects after the restore
 * @param machines names of the machines that exist
 */
export function staleNodes(nodes: readonly string[], machines: readonly string[]): string[] {
  const existing = new Set(machines);
  return nodes.filter((node) => !existing.has(node)).sort();
}
