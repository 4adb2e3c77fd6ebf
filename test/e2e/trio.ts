import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { cloudRegions } from "../../fleet/cloud-regions";
import type { ClusterSpec } from "../../fleet/model";
import type { FleetInput } from "../../fleet/reading/schema";
import type { Checkout } from "./checkout";

/** Fields that the tests change. */
export type TrioChange = Partial<Pick<ClusterSpec, "servers" | "serverGeneration">> & {
  /** How often the server token has been rotated. */
  readonly serverToken?: number;
  readonly agents?: number;
  readonly labels?: Readonly<Record<string, string>>;
};

/** A small fleet: one cluster with three servers and a few agents. */
export function trio({ agents = 3, labels = {}, serverToken = 0, ...servers }: TrioChange = {}): FleetInput {
  const pools = [
    { name: "cloud", region: "tokyo", device: "m6i.xlarge", role: "cloud-worker" as const, count: 1 },
    { name: "edge", region: "tokyo", device: "raspberry-pi-5", count: agents, labels },
  ];
  return {
    name: "trio",
    regions: cloudRegions.filter(({ name }) => name === "tokyo"),
    clusters: [
      {
        ...{ name: "trio", homeRegion: "tokyo", servers: 3, ...servers, nodePools: pools },
        rotations: { serverToken },
        // The lab keeps its buckets in its own state.
        backup: { everyMinutes: 1, s3: { bucket: "trio-snapshots", region: "lab" } },
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
export function writeTrio(checkout: Checkout, change: TrioChange = {}): void {
  const fleet = JSON.stringify(trio(change), undefined, 2);
  const file = join(checkout.folder, "stacks", "local.ts");
  writeFileSync(file, `export const local = ${fleet} as const;\n\nexport default local;\n`);
}
