import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { cloudRegions } from "../../fleet/cloud-regions";
import type { Fleet } from "../../fleet/model";
import { parseFleet } from "../../fleet/reading/parse";
import type { FleetInput } from "../../fleet/reading/schema";
import type { Checkout } from "./checkout";

/** What changes between two updates of the small fleet. */
export interface SmallFleet {
  readonly clusters: readonly string[];
  /** Nodes in the edge pool of each cluster. */
  readonly nodes: number;
  /** Names of workloads that run in every cluster. */
  readonly workloads: readonly string[];
}

/** Replaces the fleet of stack `local` in a checkout by a small one, and returns it parsed. */
export function writeSmallFleet(checkout: Checkout, { clusters, nodes, workloads }: SmallFleet): Fleet {
  const input: FleetInput = {
    name: "local",
    regions: cloudRegions,
    clusters: clusters.map((name) => ({
      name,
      homeRegion: name,
      servers: 1,
      nodePools: [
        { name: `${name}-cloud`, region: name, device: "m6i.xlarge", role: "cloud-worker", count: 1 },
        { name: `${name}-pi5`, region: name, device: "raspberry-pi-5", count: nodes },
      ],
    })),
    workloads: Object.fromEntries(
      workloads.map((name) => [
        name,
        {
          namespace: "telemetry",
          image: "ghcr.io/skerry-dev/dashboard:0.1.0",
          placement: { kind: "anywhere", replicas: 2 },
          resources: { cpu: "50m", memory: "32Mi" },
        },
      ]),
    ),
  };
  const text = `export const local = ${JSON.stringify(input, undefined, 2)} as const;\nexport default local;\n`;
  writeFileSync(join(checkout.folder, "stacks", "local.ts"), text);
  return parseFleet(input);
}
