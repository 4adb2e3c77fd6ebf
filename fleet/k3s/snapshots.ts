import { memoryMiB } from "../kubernetes/quantity";

/** A snapshot of etcd, as K3s records it in an ETCDSnapshotFile. */
export interface Snapshot {
  /** Name of the file, by which a restore finds it. */
  readonly name: string;
  /** `s3://…`, or `file://…` on the disk of a server. */
  readonly location: string;
  /** Server that took it. */
  readonly node: string;
  /** Time, RFC 3339. */
  readonly takenAt: string;
  /** Size in bytes. */
  readonly bytes: number;
  readonly ready: boolean;
  /** Hash of the server token that a restore needs. Absent in records of older versions of K3s. */
  readonly tokenHash?: string;
  /** Reason of the failure. */
  readonly error?: string;
}

/** API version and plural of the kind in which K3s records snapshots. It has no namespace. */
export const SNAPSHOT_KIND = { group: "k3s.cattle.io", version: "v1", plural: "etcdsnapshotfiles" } as const;

/** Annotation of an ETCDSnapshotFile with the hash of the server token. */
const TOKEN_HASH = "etcd.k3s.cattle.io/snapshot-token-hash";

interface SnapshotFile {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: { readonly snapshotName?: string; readonly nodeName?: string; readonly location?: string };
  readonly status?: {
    readonly size?: string | number;
    readonly creationTime?: string;
    readonly readyToUse?: boolean;
    readonly error?: { readonly message?: string };
  };
}

/** An object in the bucket of a cluster's snapshots. */
export interface SnapshotObject {
  readonly bucket: string;
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  /** RFC 3339. */
  readonly lastModified: string;
  /** What K3s stores with the object, if it has been read. S3 returns the names in lower case. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A snapshot as its bucket describes it. */
export interface StoredSnapshot extends Snapshot {
  /** UID of the namespace kube-system of its cluster. */
  readonly cluster?: string;
}

/** Reads an object of a bucket. An upload is complete or does not exist. The name ends in the time, as in K3s. */
export function fromObject({ bucket, key, size, lastModified, metadata = {} }: SnapshotObject): StoredSnapshot {
  const name = key.split("/").at(-1)!;
  const seconds = Number(/-(\d+)(\.zip)?$/.exec(name)?.[1] ?? Number.NaN);
  const { "k3s-node-name": node = "", "k3s-token-hash": tokenHash, "k3s-cluster-id": cluster } = metadata;
  return {
    name,
    location: `s3://${bucket}/${key}`,
    node,
    takenAt: Number.isNaN(seconds) ? lastModified : new Date(seconds * 1000).toISOString().replace(".000", ""),
    bytes: size,
    ready: true,
    ...(tokenHash !== undefined && { tokenHash }),
    ...(cluster !== undefined && { cluster }),
  };
}

/** Whether the snapshot survives the loss of the server that took it. */
export const isOffNode = ({ location }: Pick<Snapshot, "location">): boolean => location.startsWith("s3://");

/** Reads an ETCDSnapshotFile. */
export function toSnapshot({ metadata, spec = {}, status = {} }: SnapshotFile): Snapshot {
  const tokenHash = metadata?.annotations?.[TOKEN_HASH];
  const error = status.error?.message;
  return {
    name: spec.snapshotName ?? "",
    location: spec.location ?? "",
    node: spec.nodeName ?? "",
    takenAt: status.creationTime ?? "",
    bytes: Math.round((memoryMiB(String(status.size ?? "")) ?? 0) * 2 ** 20),
    ready: status.readyToUse ?? false,
    ...(tokenHash !== undefined && { tokenHash }),
    ...(error !== undefined && { error }),
  };
}

/** Sorts snapshots, newest first. Equal times are ordered by location, so that the result does not depend on the input. */
export const newestFirst = (snapshots: readonly Snapshot[]): Snapshot[] =>
  [...snapshots].sort((a, b) => {
    if (a.takenAt !== b.takenAt) return a.takenAt < b.takenAt ? 1 : -1;
    return a.location < b.location ? -1 : 1;
  });
