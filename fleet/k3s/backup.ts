import { createHash } from "node:crypto";

import { defaults } from "../defaults";
import type { Backup, ClusterSpec } from "../model";
import type { K3sConfig } from "./config";
import { tokenPassword } from "./token";

/** Returns the folder of a cluster's snapshots in its bucket. */
export const backupFolder = (cluster: string, folder?: string): string => folder ?? cluster;

/** Returns the schedule of snapshots in the syntax of cron. The interval divides an hour or a day. */
export function snapshotSchedule(everyMinutes: number): string {
  if (everyMinutes === 24 * 60) return "0 0 * * *";
  return everyMinutes < 60 ? `*/${everyMinutes} * * * *` : `0 */${everyMinutes / 60} * * *`;
}

/**
 * Returns the K3s configuration that stores the snapshots of a cluster's etcd in its bucket. It contains no key: K3s reads
 * the credentials of the instance role.
 *
 * @returns nothing for a cluster without backup
 * @see https://docs.k3s.io/cli/etcd-snapshot
 */
export function backupConfig({ name, backup }: Pick<ClusterSpec, "name" | "backup">): K3sConfig {
  if (!backup) return {};
  const { everyMinutes, keep, s3 } = backup;
  return {
    "etcd-snapshot-schedule-cron": snapshotSchedule(everyMinutes),
    "etcd-snapshot-retention": keep,
    "etcd-snapshot-compress": true,
    "etcd-s3": true,
    "etcd-s3-endpoint": s3.endpoint ?? defaults.backup.endpoint,
    "etcd-s3-region": s3.region,
    "etcd-s3-bucket": s3.bucket,
    "etcd-s3-folder": backupFolder(name, s3.folder),
    "etcd-s3-retention": keep,
  };
}

/** The S3 settings in a request for a snapshot. K3s replaces its own settings by them, so they must be complete. */
export interface SnapshotS3 {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly folder: string;
  readonly retention: number;
  readonly timeout: string;
}

/** The body of a request to `/db/snapshot` of a K3s server. */
export interface SnapshotRequest {
  readonly operation: "save";
  /** Start of the snapshot's name. K3s appends the node and the time. */
  readonly name: readonly [string];
  readonly compress: true;
  /** Without it, the snapshot stays on the disk of the server. */
  readonly s3?: SnapshotS3;
}

/** Returns the request for a snapshot that is taken now. */
export function snapshotRequest(cluster: string, prefix: string, backup: Backup | undefined): SnapshotRequest {
  return {
    operation: "save",
    name: [prefix],
    compress: true,
    ...(backup && {
      s3: {
        endpoint: backup.s3.endpoint ?? defaults.backup.endpoint,
        region: backup.s3.region,
        bucket: backup.s3.bucket,
        folder: backupFolder(cluster, backup.s3.folder),
        retention: backup.keep,
        timeout: "5m0s",
      },
    }),
  };
}

/**
 * Returns the hash of a server token that K3s records with each snapshot: the first 12 hex digits of the SHA-256 of its
 * password.
 */
export function tokenHash(serverToken: string): string {
  return createHash("sha256").update(tokenPassword(serverToken)).digest("hex").slice(0, 12);
}
