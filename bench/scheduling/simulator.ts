/**
 * The placement simulator as `skerry preview` runs it, on generated fleets: time, memory and growth by what the pods ask for;
 * drills; and its rate against the live stock scheduler's, on the same nodes and pods in the same run.
 *
 *   npx tsx bench/scheduling/simulator.ts [--rounds n] [--cases name,...]
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type * as Kubernetes from "@kubernetes/client-node";
import { program } from "commander";

import { largestDevice } from "../../charts/system/device-scale";
import { regionLinks } from "../../charts/system/region-links";
import { schedulerConfig } from "../../charts/system/scheduler-config";
import { ConsoleProgress } from "../../cli/progress";
import { tool } from "../../cli/tools/catalogue";
import { resolveTools } from "../../cli/tools/resolve";
import { DEFAULT_SCHEDULER, EDGE_SCHEDULER } from "../../fleet/labels";
import { parseFleet } from "../../fleet/reading/parse";
import { API_VERSION, type SimulationRequest } from "../../preview/simulator/protocol";
import { local } from "../../stacks/local";
import { run } from "../command";
import { createPod, measureRun, renderConfig, withNodes } from "./live";
import { type Ask, generateRequest } from "./generated-fleet";
import { type Measured, type Result, reportLive, reportSimulated } from "./simulator-report";

/** Nodes and pods of the comparison with the live scheduler. */
const LIVE = [1_000, 5_000] as const;

/** A case without the comparison: nodes, pods, what the pods ask for, their scheduler, and drills. */
type Case = readonly [nodes: number, pods: number, ask: Ask, scheduler?: string, drills?: "regions" | "link"];

const CASES: Readonly<Record<string, Case>> = {
  small: [100, 1_000, "plain"],
  plain: [1_000, 10_000, "plain"],
  large: [5_000, 50_000, "plain"],
  stock: [1_000, 10_000, "plain", DEFAULT_SCHEDULER],
  region: [1_000, 10_000, "region"],
  "large-region": [5_000, 50_000, "region"],
  spread: [1_000, 10_000, "spread"],
  "affinity-site": [100, 1_000, "affinity"],
  affinity: [1_000, 10_000, "affinity"],
  "anti-affinity-site": [100, 1_000, "anti-affinity"],
  "anti-affinity": [1_000, 10_000, "anti-affinity"],
  budgets: [1_000, 10_000, "budgets"],
  drills: [1_000, 10_000, "plain", EDGE_SCHEDULER, "regions"],
  "region-drills": [1_000, 10_000, "region", EDGE_SCHEDULER, "regions"],
  "link-drill": [1_000, 10_000, "region", EDGE_SCHEDULER, "link"],
};
/** Drills on the loss of a region. There are ten regions, so every region is lost twice. */
const DRILLS = 20;

const fleet = parseFleet(local);
const links = regionLinks(fleet);
const regions = (JSON.parse(links) as { regions: { name: string }[] }).regions.map(({ name }) => name);

function renderEdgeConfig(): string {
  const scale = largestDevice(fleet);
  return schedulerConfig({
    edgeProximity: { linksFile: "links/links.json" },
    ...(scale ? { resourceProfile: { scale } } : {}),
  });
}

/** Runs the simulator once, from the request's file to the report's last byte. */
async function simulate(simulator: string, file: string): Promise<Measured> {
  const { cpu, wall, memory, code, output } = await run(simulator, [file], { allCores: true });
  if (code !== 0) throw new Error(`placement-simulator exited with ${code}: ${output.slice(-2000)}`);
  const { after } = JSON.parse(output) as {
    after: { pods: { node?: string }[]; drills?: { displaced?: unknown[]; violations?: unknown[]; error?: string }[] };
  };
  const failed = after.drills?.find(({ error }) => error);
  if (failed) throw new Error(`a drill failed: ${failed.error}`);
  return {
    cpu,
    wall,
    memory,
    unplaced: after.pods.filter(({ node }) => !node).length,
    displaced: (after.drills ?? []).reduce((sum, { displaced = [] }) => sum + displaced.length, 0),
  };
}

async function main(): Promise<void> {
  const { rounds, cases } = program
    .option("--rounds <n>", "number of runs per case", Number, 3)
    .option("--cases <list>", `comma-separated: ${[...Object.keys(CASES), "live"].join(", ")}`)
    .parse()
    .opts<{ rounds: number; cases?: string }>();
  const chosen = cases?.split(",") ?? [...Object.keys(CASES), "live"];
  const unknown = chosen.filter((name) => !CASES[name] && name !== "live");
  if (!(rounds >= 1) || unknown.length > 0) {
    throw new Error(
      `--rounds must be a positive number, and --cases must be one or more of ${Object.keys(CASES).join(", ")}, live`,
    );
  }
  const [simulator] = await resolveTools([tool("placement-simulator")], new ConsoleProgress());
  const folder = mkdtempSync(join(tmpdir(), "skerry-simulator-"));
  const save = (name: string, request: SimulationRequest): string => {
    writeFileSync(join(folder, name), JSON.stringify(request));
    return join(folder, name);
  };
  const command = (names: readonly string[]): string =>
    `npx tsx bench/scheduling/simulator.ts --rounds ${rounds}${cases ? ` --cases ${names.join(",")}` : ""}`;
  try {
    const results: Result[] = [];
    for (const name of chosen.filter((each) => each !== "live")) {
      const [nodes, pods, ask, scheduler = EDGE_SCHEDULER, kind] = CASES[name]!;
      const drills =
        kind === "regions"
          ? Array.from({ length: DRILLS }, (_, index) => ({ region: regions[index % regions.length]! }))
          : kind === "link"
            ? [{ link: { from: regions[0]!, to: regions[1]! } }]
            : [];
      const file = save(
        `${name}.json`,
        generateRequest({ nodes, pods, ask, scheduler, drills }, links, renderEdgeConfig()),
      );
      const runs: Measured[] = [];
      for (let round = 0; round < rounds; round++) {
        runs.push(await simulate(simulator!.path, file));
        process.stderr.write(`${name}: ${runs[round]!.wall.toFixed(1)} s, ${runs[round]!.cpu.toFixed(1)} CPU s\n`);
      }
      results.push({ name, nodes, pods, ask, scheduler, drills: drills.length, runs });
    }
    if (results.length > 0) await reportSimulated(results, command(results.map(({ name }) => name)));
    if (chosen.includes("live")) await compareWithLive(simulator!.path, save, rounds, command(["live"]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Measures the live stock scheduler in the lab and the simulator, with the same configuration, nodes and pods, in turns. */
async function compareWithLive(
  simulator: string,
  save: (name: string, request: SimulationRequest) => string,
  rounds: number,
  command: string,
): Promise<void> {
  const [lab, scheduler] = await resolveTools([tool("lab"), tool("edge-scheduler")], new ConsoleProgress());
  const kubernetes: typeof Kubernetes = await import("@kubernetes/client-node");
  const pairs: { live: number; simulated: Measured }[] = [];
  await withNodes(lab!.path, LIVE[0], async (cluster) => {
    const { items } = await cluster.config.makeApiClient(kubernetes.CoreV1Api).listNode();
    const request = {
      apiVersion: API_VERSION,
      kind: "SimulationRequest",
      cluster: "bench",
      after: {
        nodes: items.map((node) => ({ ...node, apiVersion: "v1", kind: "Node" })),
        objects: Array.from({ length: LIVE[1] }, (_, index) => ({
          apiVersion: "v1",
          kind: "Pod",
          ...createPod("bench", index, "no region"),
        })),
        schedulerConfigurations: [renderConfig("stock", "links/links.json")],
      },
      options: { seed: 1 },
    } as unknown as SimulationRequest;
    const file = save("live.json", request);
    for (let round = 0; round < rounds; round++) {
      const { pods, seconds } = await measureRun(cluster, scheduler!.path, LIVE, "stock", "no region");
      pairs.push({ live: pods / seconds, simulated: await simulate(simulator, file) });
    }
  });
  await reportLive(LIVE, pairs, command);
}

void main();
