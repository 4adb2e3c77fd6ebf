/**
 * What one cluster costs the machine that runs `pulumi up`: stacks with several small clusters each, on the lab. Time and memory of
 * the control planes are left out where they can be told apart.
 *
 *   npx tsx bench/clusters.ts [clusters ...]
 */
import { statSync } from "node:fs";
import { join } from "node:path";

import { cloudRegions } from "../fleet/cloud-regions";
import { Checkout } from "../test/e2e/checkout";
import { writeSmallFleet } from "../test/e2e/small-local-fleet";
import { measureMemory, type MemoryPart } from "./memory";
import { measureProcessor, type Part } from "./processor";
import { record, table } from "./record";

/** Parts that run on the machine of `pulumi up`. */
const PROCESSOR: readonly Part[] = ["engine", "program", "policies", "providers"];
const MEMORY: readonly MemoryPart[] = ["engine", "program", "policies", "providers", "Kubernetes providers"];

const STEPS = [
  ["cold `up`", "bin/skerry", ["up"]],
  ["`up`, nothing to do", "bin/skerry", ["up"]],
  ["preview, nothing to do", "bin/pulumi", ["preview", "-s", "local", "--expect-no-changes"]],
] as const;

async function measure(clusters: number): Promise<{ readonly processor: string[][]; readonly memory: string[][] }> {
  const checkout = new Checkout();
  const names = cloudRegions.slice(0, clusters).map(({ name }) => name);
  writeSmallFleet(checkout, { clusters: names, nodes: 2, workloads: ["dashboard"] });
  const processor: string[][] = [];
  const memory: string[][] = [];
  try {
    for (const [step, command, args] of STEPS) {
      let seconds = 0;
      let used = {} as Record<Part, number>;
      const peaks = await measureMemory(checkout.folder, async () => {
        used = await measureProcessor(checkout.folder, async () => {
          const started = Date.now();
          const { code, stdout, stderr } = await checkout.run(command, ...args);
          if (code !== 0)
            throw new Error(`${command} ended with ${code}: ${stdout.slice(-2000)}${stderr.slice(-2000)}`);
          seconds = (Date.now() - started) / 1000;
        });
      });
      const state = statSync(join(checkout.home, "state", ".pulumi", "stacks", "skerry", "local.json")).size;
      const parts = PROCESSOR.map((part) => used[part].toFixed(1));
      processor.push([step, String(clusters), seconds.toFixed(0), ...parts, (state / 1e6).toFixed(2)]);
      const { processes = 0, mib = 0 } = peaks.get("Kubernetes providers") ?? {};
      memory.push([
        step,
        String(clusters),
        ...MEMORY.map((part) => (peaks.get(part)?.mib ?? 0).toFixed(0)),
        (mib / Math.max(1, processes)).toFixed(0),
      ]);
    }
  } finally {
    await checkout.run("bin/skerry", "down", "--force");
    checkout.remove();
  }
  return { processor, memory };
}

/** Groups the rows of several runs by step. */
const byStep = (rows: readonly string[][]): string[][] =>
  STEPS.flatMap(([step]) => rows.filter(([name]) => name === step));

async function main(): Promise<void> {
  const counts = process.argv.slice(2).map(Number);
  const sizes = counts.length > 0 ? counts : [1, 3, 6];
  const results = [];
  for (const clusters of sizes) results.push(await measure(clusters));
  const processor = table(
    ["step", "clusters", "wall, s", ...PROCESSOR.map((part) => `${part}, s`), "state, MB"],
    byStep(results.flatMap((result) => result.processor)),
  );
  const memory = table(
    ["step", "clusters", ...MEMORY.map((part) => `${part}, MiB`), "each Kubernetes provider, MiB"],
    byStep(results.flatMap((result) => result.memory)),
  );
  await record(
    "What one cluster costs the machine that runs up",
    `npx tsx bench/clusters.ts ${sizes.join(" ")}`,
    "Stacks of clusters with 3 nodes and one workload each. Processor seconds of each part, without control planes, which share the " +
      "two cores; then the peak of each part's memory, with shared pages divided among processes. One run each, on a machine with other " +
      `work: the wall times are upper bounds, and processor times are somewhat higher than on an idle one.\n\n${processor}\n\n${memory}`,
  );
}

void main();
