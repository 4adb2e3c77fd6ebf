/**
 * Measures scheduling end to end in a lab cluster: it creates pods, starts a scheduler, and waits until all pods are placed.
 * The stock scheduler and the edge scheduler are the same program with different profiles and limits; they alternate.
 *
 *   npx tsx bench/scheduling/end-to-end.ts [--rounds n] [--sizes nodes:pods,...] [--profiles folder]
 */
import { program } from "commander";

import { ConsoleProgress } from "../../cli/progress";
import { tool } from "../../cli/tools/catalogue";
import { resolveTools } from "../../cli/tools/resolve";
import { POLICIES, type Run, report } from "./end-to-end-report";
import { labFlags, measureRun, regions, withNodes } from "./live";

/** Numbers of nodes and pods. */
const SIZES = "1000:5000,5000:10000";

async function main(): Promise<void> {
  const { rounds, sizes, profiles } = program
    .option("--rounds <n>", "number of runs per policy", Number, 3)
    .option("--sizes <list>", "comma-separated nodes:pods; nodes must be a multiple of ten", SIZES)
    .option("--profiles <folder>", "write a CPU profile of each run to this folder; profiling uses some CPU itself")
    .parse()
    .opts<{ rounds: number; sizes: string; profiles?: string }>();
  const parsedSizes = sizes.split(",").map((size) => size.split(":").map(Number) as [number, number]);
  if (
    !(rounds >= 1) ||
    parsedSizes.flat().some((n) => !(n >= 10)) ||
    parsedSizes.some(([nodes]) => nodes % regions.length)
  ) {
    throw new Error(
      `--rounds ${rounds} --sizes ${sizes}: must be a positive number of rounds, and sizes such as ${SIZES}`,
    );
  }
  const [lab, scheduler] = await resolveTools([tool("lab"), tool("edge-scheduler")], new ConsoleProgress());
  const runs: Run[] = [];
  for (const size of parsedSizes) {
    await withNodes(lab!.path, size[0], async (cluster) => {
      for (let round = 0; round < rounds; round++) {
        for (const demand of ["no region", "a region"] as const) {
          for (const policy of round % 2 ? [...POLICIES].reverse() : POLICIES) {
            runs.push(await measureRun(cluster, scheduler!.path, size, policy, demand, profiles));
          }
        }
        // Record after each round, because a run takes hours.
        await report(size, runs, round + 1, labFlags(size[0]));
      }
    });
  }
}

void main();
