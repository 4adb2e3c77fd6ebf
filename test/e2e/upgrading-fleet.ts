import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { cloudRegions } from "../../fleet/cloud-regions";
import { DAYS } from "../../fleet/model";
import type { FleetInput } from "../../fleet/reading/schema";
import type { Checkout } from "./checkout";

/** Versions of K3s that the lab can run: it has one minor version of Kubernetes. */
export const OLD = "v1.36.2+k3s1";
export const NEW = "v1.36.3+k3s1";

/** Agents of a wave that are upgraded at once. */
export const CONCURRENCY = 2;

/** What the tests change. */
export interface UpgradingFleet {
  readonly version: string;
  /** Whether the maintenance window of cluster `second` is closed now. */
  readonly closed?: boolean;
  /** Nodes of pool `gw` of cluster `canary`. */
  readonly agents?: number;
  /** Version of cluster `second`. @default - `version` */
  readonly second?: string;
  /** Generation of pool `gw` of cluster `second`. */
  readonly generation?: number;
}

/** The lab installs a version, and downloads nothing: it ignores checksums. */
const release = (version: string) => ({ version, sha256: { amd64: "0".repeat(64) } });

/** A window of one minute on a day that is neither today nor a neighbor of today. */
function closedWindow() {
  const day = DAYS[(new Date().getUTCDay() + 2) % 7]!;
  return { days: [day], start: "00:00", end: "00:01", timeZone: "UTC" };
}

/** Two clusters: a canary with three servers, and another one. */
function upgradingFleet(change: UpgradingFleet): FleetInput {
  const { version, closed = false, agents = 3, second = version, generation = 1 } = change;
  const pool = (count: number, raised = 1) => [
    { name: "gw", region: "tokyo", device: "iot-gateway-x86", count, generation: raised },
  ];
  return {
    name: "upgrading",
    regions: cloudRegions.filter(({ name }) => name === "tokyo"),
    upgrades: {
      canary: { clusters: ["canary"] },
      concurrency: CONCURRENCY,
      nodeTimeoutSeconds: 60,
      readyTimeoutSeconds: 60,
      delaySeconds: 0,
      drain: { timeoutSeconds: 30, gracePeriodSeconds: 1 },
    },
    clusters: [
      { name: "canary", homeRegion: "tokyo", servers: 3, k3s: release(version), nodePools: pool(agents) },
      {
        ...{ name: "second", homeRegion: "tokyo", servers: 1, k3s: release(second), nodePools: pool(2, generation) },
        // Going back restores from a bucket. The lab keeps its buckets in its own state.
        backup: { s3: { bucket: "second-snapshots", region: "lab" } },
        ...(closed && { upgrades: { window: closedWindow() } }),
      },
    ],
    workloads: {
      detector: {
        image: "ghcr.io/skerry-dev/anomaly-detector:0.1.0",
        placement: { kind: "region", region: "tokyo", replicas: 2 },
        resources: { cpu: "50m", memory: "32Mi" },
      },
    },
  };
}

/** Makes this fleet the one that stack `local` of a checkout deploys. */
export function writeUpgradingFleet(checkout: Checkout, change: UpgradingFleet): void {
  const fleet = JSON.stringify(upgradingFleet(change), undefined, 2);
  const file = join(checkout.folder, "stacks", "local.ts");
  writeFileSync(file, `export const local = ${fleet} as const;\n\nexport default local;\n`);
}
