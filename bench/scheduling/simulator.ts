/**
 * The placement simulator on generated fleets: time, memory and growth, by what the pods ask for; then drills.
 *
 *   npx tsx bench/scheduling/simulator.ts [rounds]
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { largestDevice } from "../../charts/system/device-scale";
import { regionLinks } from "../../charts/system/region-links";
import { schedulerConfig } from "../../charts/system/scheduler-config";
import { parseFleet } from "../../fleet/reading/parse";
import { local } from "../../stacks/local";
import { record, spread, table } from "../record";
import { measure } from "./program";

interface Figure {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly unschedulable: number;
  readonly peakMiB: number;
}

interface Scenario {
  readonly nodes: number;
  readonly pods: number;
  readonly kind: "plain" | "region" | "spread" | "affinity";
  readonly scheduler: "edge-scheduler" | "default-scheduler";
  /** Regions to lose, one after the other. */
  readonly drills?: number;
}

const edge = "edge-scheduler";
const SCENARIOS: readonly Scenario[] = [
  { nodes: 100, pods: 1_000, kind: "plain", scheduler: edge },
  { nodes: 1_000, pods: 10_000, kind: "plain", scheduler: edge },
  { nodes: 5_000, pods: 50_000, kind: "plain", scheduler: edge },
  { nodes: 1_000, pods: 10_000, kind: "region", scheduler: edge },
  { nodes: 1_000, pods: 10_000, kind: "plain", scheduler: "default-scheduler" },
  { nodes: 100, pods: 1_000, kind: "affinity", scheduler: edge },
  { nodes: 1_000, pods: 10_000, kind: "affinity", scheduler: edge },
  { nodes: 1_000, pods: 10_000, kind: "spread", scheduler: edge },
  { nodes: 1_000, pods: 10_000, kind: "region", scheduler: edge, drills: 20 },
];

const ASKS = {
  plain: "nothing",
  region: "one of ten regions",
  spread: "even spread over regions",
  affinity: "a node without their siblings",
} as const;

async function main(): Promise<void> {
  const rounds = process.argv[2] ?? "3";
  const fleet = parseFleet(local);
  const folder = mkdtempSync(join(tmpdir(), "skerry-simulator-"));
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const scale = largestDevice(fleet);
  const config = schedulerConfig({
    edgeProximity: { linksFile: "links/links.json" },
    ...(scale ? { resourceProfile: { scale } } : {}),
  });
  const files = ["--links", write("links.json", regionLinks(fleet)), "--edge", write("edge.yaml", config)];
  try {
    const rows: (string | number)[][] = [];
    for (const { nodes, pods, kind, scheduler, drills = 0 } of SCENARIOS) {
      const figures = await measure<Figure>(
        ["simulator", ...files, "--rounds", rounds, "--kind", kind, "--scheduler", scheduler].concat(
          Object.entries({ nodes, pods, drills }).flatMap(([flag, value]) => [`--${flag}`, `${value}`]),
        ),
      );
      const seconds = spread(figures.map((figure) => figure.seconds));
      rows.push([
        nodes,
        pods,
        ASKS[kind],
        scheduler,
        drills,
        `${seconds.median.toFixed(1)} (${seconds.min.toFixed(1)}–${seconds.max.toFixed(1)})`,
        spread(figures.map((figure) => figure.cpuSeconds)).median.toFixed(1),
        (pods / seconds.median).toFixed(0),
        Math.max(...figures.map((figure) => figure.peakMiB)),
        figures[0]!.unschedulable,
      ]);
    }
    await record(
      "Placement simulator: time, memory and growth",
      `npx tsx bench/scheduling/simulator.ts ${rounds}`,
      `Median of ${rounds} rounds (least–most), from the request's text to the report's, pods in Deployments of 50. A drill ` +
        "loses one of ten regions. Memory is the most that the process had resident, the request included.\n\n" +
        table(
          ["nodes", "pods", "pods ask for", "scheduler", "drills", "s", "processor s", "pods/s", "MiB", "no node"],
          rows,
        ),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
