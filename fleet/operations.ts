/** The part of the fleet model about how clusters are operated: their K3s release, hardening, backups and upgrades. */

import type { HardeningSettingId } from "./k3s/hardening/settings";

/** The release of K3s that the machines of a cluster run. */
export interface K3sRelease {
  /**
   * Such as `v1.36.3+k3s1`. Changing it upgrades the cluster by `upgrades` of the fleet.
   *
   * @default - the first K3s release of `kubernetesVersion`
   */
  readonly version?: string;
  /**
   * Folder with the binaries of the release under their own names (`k3s`, `k3s-arm64`, `k3s-armhf`): an `https` URL, or an
   * `s3` URL such as `s3://bucket/k3s/v1.36.3` of a bucket in the region of the machines.
   *
   * @default - the release on GitHub
   */
  readonly source?: string;
  /**
   * SHA-256 of the binary by architecture, from the files `sha256sum-<architecture>.txt` of the release. Machines install no
   * other binary.
   *
   * @default - none: the image of the machines contains K3s
   */
  readonly sha256?: {
    readonly amd64?: string | undefined;
    readonly arm64?: string | undefined;
    readonly arm?: string | undefined;
  };
}

/** A hardening setting that a cluster does without. */
export interface HardeningException {
  /** Name of the setting, as in the hardening guide of this documentation. */
  readonly setting: HardeningSettingId;
  /** Why the cluster does without it. Policy reports show it. */
  readonly reason: string;
}

/** How a cluster differs from the hardened configuration. */
export interface Hardening {
  /** @default [] */
  readonly exceptions: readonly HardeningException[];
}

/** Where the snapshots of etcd are stored. The servers read and write it with their instance role, so no key is configured. */
export interface BackupBucket {
  /** Name of the S3 bucket. */
  readonly bucket: string;
  /** Region of the bucket, such as `eu-central-1`. */
  readonly region: string;
  /** Folder in the bucket. Clusters must not share one. @default the name of the cluster */
  readonly folder?: string;
  /** Host name of an S3-compatible service, with an optional port. @default "s3.amazonaws.com" */
  readonly endpoint?: string;
}

/** Snapshots of a cluster's etcd: its Kubernetes objects, not the data of volumes. */
export interface Backup {
  /** Minutes between two snapshots. An outage loses at most the changes since the last one. @default 15 */
  readonly everyMinutes: number;
  /** Snapshots that each server keeps, on its disk and in the bucket. @default 96, a day of snapshots every 15 minutes */
  readonly keep: number;
  readonly s3: BackupBucket;
}

/** Days of the week. */
export const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

/** A day of the week, such as `sunday`. */
export type Day = (typeof DAYS)[number];

/** Times in which the upgrade of a node may start. */
export interface MaintenanceWindow {
  readonly days: readonly Day[];
  /** Start, such as `02:00`. */
  readonly start: string;
  /** End, such as `05:30`, on the same day. */
  readonly end: string;
  /** IANA time zone, such as `Europe/Berlin`. @default "UTC" */
  readonly timeZone: string;
}

/** How pods leave a node before it is upgraded. DaemonSets stay, and the data of `emptyDir` volumes is lost. */
export interface DrainSettings {
  /** Seconds after which the drain, and with it the upgrade of the node, has failed. @default 600 */
  readonly timeoutSeconds: number;
  /** Seconds that a pod has to terminate. @default - the grace period of each pod */
  readonly gracePeriodSeconds?: number;
  /** Whether to delete pods that no controller replaces. Otherwise such a pod fails the drain. @default false */
  readonly force: boolean;
}

/** Node pools that are upgraded at the same time. */
export interface UpgradeWaveSpec {
  /** Names of node pools of the cluster. */
  readonly pools: readonly string[];
  /** Nodes of the wave that are upgraded at once. @default - that of the cluster */
  readonly concurrency?: number;
}

/** Settings of a cluster that replace those of the fleet. */
export interface ClusterUpgrades {
  /** Agents upgraded at once. @default - that of the fleet */
  readonly concurrency?: number;
  /** @default - that of the fleet */
  readonly window?: MaintenanceWindow;
  /** @default - that of the fleet */
  readonly drain?: DrainSettings;
  /**
   * Order of the node pools. Pools that no wave names follow, each in a wave of its own.
   *
   * @default - pools in canary regions first, then one wave per pool, in the order of the fleet
   */
  readonly waves?: readonly UpgradeWaveSpec[];
}

/** What is upgraded first. */
export interface Canary {
  /** Names of clusters, upgraded before all others and one after another. @default [] */
  readonly clusters: readonly string[];
  /** Names of regions. Clusters with nodes there come first, and those nodes are their first agents. @default [] */
  readonly regions: readonly string[];
}

/** Images that upgrade nodes. Each has a tag or a digest. */
export interface UpgradeImages {
  /** K3s' system-upgrade-controller. */
  readonly controller: string;
  /** kubectl, which cordons nodes. */
  readonly kubectl: string;
  /** Digests of `rancher/k3s-upgrade` by K3s version: `sha256:…`. @default {}, by tag */
  readonly k3sUpgradeDigests: Readonly<Record<string, string>>;
}

/** How the clusters of a fleet change to another version of K3s. */
export interface UpgradePolicy {
  readonly canary: Canary;
  /** Clusters upgraded at once after the canaries. @default 1 */
  readonly parallelClusters: number;
  /** Agents of a wave upgraded at once. Servers are always upgraded one after another. @default 1 */
  readonly concurrency: number;
  /** @default - any time */
  readonly window?: MaintenanceWindow;
  readonly drain: DrainSettings;
  /** Seconds after which the upgrade of one node, with its drain, has failed. @default 1800 */
  readonly nodeTimeoutSeconds: number;
  /** Seconds that an upgraded node has to become Ready. Otherwise the wave stops. @default 300 */
  readonly readyTimeoutSeconds: number;
  /** Seconds between the upgrade of a node and that of the next. @default 60 */
  readonly delaySeconds: number;
  /** @default the images of this release */
  readonly images: UpgradeImages;
}
