/**
 * Compares the placements of the simulator with those of the schedulers in the lab, pod by pod.
 *
 *   npx tsx bench/scheduling/fidelity.ts [--fleets n] [--first seed] [--no-local] [--no-record] [--details file]
 */
import { writeFileSync } from "node:fs";

import { program } from "commander";

import { ConsoleProgress } from "../../cli/progress";
import { tool } from "../../cli/tools/catalogue";
import { resolveTools } from "../../cli/tools/resolve";
import { local } from "../../stacks/local";
import { record } from "../record";
import type { Comparison } from "./fidelity/comparison";
import { generateScenario } from "./fidelity/generate-workloads";
import { describeComparisons } from "./fidelity/report";
import { runScenarios } from "./fidelity/run";
import { fleetScenarios } from "./fidelity/scenario";

async function main(): Promise<void> {
  const {
    fleets,
    first,
    local: withLocal,
    details,
    record: withRecord,
  } = program
    .option("--fleets <n>", "number of generated fleets", Number, 30)
    .option("--first <seed>", "seed of the first", Number, 1)
    .option("--no-local", "leave out the local fleet")
    .option("--no-record", "print the figures, and leave RESULTS.md as it is")
    .option("--details <file>", "write every comparison to this file as JSON")
    .parse()
    .opts<{ fleets: number; first: number; local: boolean; record: boolean; details?: string }>();
  const names = ["lab", "edge-scheduler", "placement-simulator"] as const;
  const [lab, scheduler, simulator] = await resolveTools(
    names.map((name) => tool(name)),
    new ConsoleProgress(),
  );
  const programs = { lab: lab!.path, scheduler: scheduler!.path, simulator: simulator!.path };
  const now = new Date().toISOString();
  const generated = Array.from({ length: fleets }, (_, index) => generateScenario(first + index, now));
  const comparisons: Comparison[] = [];
  for (const group of [generated, ...(withLocal ? fleetScenarios(local).map((each) => [each]) : [])])
    if (group.length > 0) comparisons.push(...(await runScenarios(programs, group)));
  if (details) writeFileSync(details, JSON.stringify(comparisons, null, 1));
  const description = describeComparisons(comparisons);
  if (withRecord) await record("Fidelity of the simulator", "npx tsx bench/scheduling/fidelity.ts", description);
  else console.log(description);
}

void main();
