/**
 * `make up` on a copy of this checkout with tools built: cold, then without changes, a preview, and `make down`.
 *
 *   npx tsx bench/up.ts [runs]
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { Checkout } from "../test/e2e/checkout";
import { measureProcessor, type Part, PARTS } from "./processor";
import { record, spread, table } from "./record";

/** Seconds for which an idle fleet is observed. */
const IDLE_S = 90;

async function seconds(work: () => Promise<{ code: number; stderr: string }>): Promise<number> {
  const started = process.hrtime.bigint();
  const { code, stderr } = await work();
  if (code !== 0) throw new Error(`ended with ${code}: ${stderr.slice(-2000)}`);
  return Number(process.hrtime.bigint() - started) / 1e9;
}

const PREVIEW = ["preview", "-s", "local", "--expect-no-changes"] as const;

async function main(): Promise<void> {
  const runs = Number(process.argv[2] ?? 3);
  const steps: Record<string, { wall: number; processor: Record<Part, number> }[]> = {};
  let state = 0;
  let idle = "";
  for (let run = 0; run < runs; run += 1) {
    const checkout = new Checkout();
    const step = async (name: string, command: string, ...args: string[]): Promise<void> => {
      let wall = 0;
      const processor = await measureProcessor(checkout.folder, async () => {
        wall = await seconds(() => checkout.run(command, ...args));
      });
      (steps[name] ??= []).push({ wall, processor });
    };
    try {
      await step("cold `make up`", "bin/skerry", "up");
      await step("`make up`, nothing to do", "bin/skerry", "up");
      await step("preview, nothing to do", "bin/pulumi", ...PREVIEW);
      state = statSync(join(checkout.home, "state", ".pulumi", "stacks", "skerry", "local.json")).size;
      if (run === 0) {
        const used = await measureProcessor(checkout.folder, () => sleep(IDLE_S * 1000));
        const share = (part: Part): string => ((100 * used[part]) / IDLE_S).toFixed(1);
        idle = `Idle for ${IDLE_S} s, three control planes of 41 to 54 nodes used ${share("control planes")} % of a core together, and the lab with its local programs ${share("lab")} %.`;
      }
      await step("`make down`", "bin/skerry", "down");
    } finally {
      await checkout.run("bin/skerry", "down", "--force");
      checkout.remove();
    }
  }
  const text = (values: readonly number[]): string => {
    const { median, min, max } = spread(values);
    return runs === 1 ? median.toFixed(1) : `${median.toFixed(1)} (${min.toFixed(1)}–${max.toFixed(1)})`;
  };
  const rows = Object.entries(steps).map(([name, measured]) => [
    name,
    text(measured.map(({ wall }) => wall)),
    ...PARTS.map((part) => spread(measured.map(({ processor }) => processor[part])).median.toFixed(1)),
  ]);
  const head = ["step", "wall, s", ...PARTS.map((part) => `${part}, s`)];
  await record(
    "Bringing the local fleet up",
    `npx tsx bench/up.ts ${runs}`,
    `Tools built. Wall time: median (least–most) of ${runs} runs; then the median of each part's processor time. The state is ${(state / 1e6).toFixed(2)} MB. ${idle}\n\n${table(head, rows)}`,
  );
}

void main();
