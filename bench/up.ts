/**
 * `make up` on a copy of this checkout with tools built: cold, then again with nothing to do.
 *
 *   npx tsx bench/up.ts [runs]
 */
import { Checkout } from "../test/e2e/checkout";
import { record, spread, table } from "./record";

async function seconds(work: () => Promise<{ code: number; stderr: string }>): Promise<number> {
  const started = process.hrtime.bigint();
  const { code, stderr } = await work();
  if (code !== 0) throw new Error(`ended with ${code}: ${stderr.slice(-2000)}`);
  return Number(process.hrtime.bigint() - started) / 1e9;
}

async function main(): Promise<void> {
  const runs = Number(process.argv[2] ?? 3);
  const steps: Record<string, number[]> = {
    "cold `make up`": [],
    "second `make up`, nothing to do": [],
    "preview, no changes": [],
    "`make down`": [],
  };
  for (let run = 0; run < runs; run += 1) {
    const checkout = new Checkout();
    try {
      const up = (): Promise<number> => seconds(() => checkout.run("bin/skerry", "up"));
      steps["cold `make up`"]!.push(await up());
      steps["second `make up`, nothing to do"]!.push(await up());
      steps["preview, no changes"]!.push(
        await seconds(() => checkout.run("bin/pulumi", "preview", "-s", "local", "--expect-no-changes")),
      );
      steps["`make down`"]!.push(await seconds(() => checkout.run("bin/skerry", "down")));
    } finally {
      await checkout.run("bin/skerry", "down", "--force");
      checkout.remove();
    }
  }
  const cold = spread(steps["cold `make up`"]!).median;
  const rows = Object.entries(steps).map(([name, values]) => {
    const { median, min, max } = spread(values);
    return [name, median.toFixed(1), min.toFixed(1), max.toFixed(1), (median / cold).toFixed(2)];
  });
  await record(
    "Bringing the local fleet up",
    `npx tsx bench/up.ts ${runs}`,
    `Seconds, of ${runs} runs, tools built.\n\n${table(["step", "median", "least", "most", "ratio to cold"], rows)}`,
  );
}

void main();
