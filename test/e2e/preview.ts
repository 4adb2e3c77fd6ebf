import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { StatusReport } from "../../cli/status/report";
import type { PreviewReport } from "../../preview/report";
import type { Checkout } from "./checkout";

/** Pods by region of every cluster, as `tokyo/osaka: 11`. */
function countByRegion(pods: StatusReport["pods"]): string[] {
  const counts = new Map<string, number>();
  for (const { cluster, region = "" } of pods) {
    const key = `${cluster}/${region}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => `${key}: ${count}`).sort();
}

/**
 * A preview of a change that shrinks the pools of one region says what `skerry up` then does.
 *
 * @param read what `skerry status --json` reports
 */
export function describePreview(checkout: Checkout, up: () => Promise<void>, read: () => Promise<StatusReport>): void {
  const file = join(checkout.folder, "stacks", "local.ts");
  const original = readFileSync(file, "utf8");
  const shrunk = original.replace(
    /^ {2}(gateways|raspberryPi4|raspberryPi5|jetson)\(region, (\d+)\),$/gm,
    (_, pool, count) => {
      return `  ${pool}(region, region === "osaka" ? 1 : ${count}),`;
    },
  );
  const restore = async (): Promise<void> => {
    writeFileSync(file, original);
    await up();
  };

  test("pods run where the preview said that they would", async () => {
    expect(shrunk).not.toBe(original);
    const base = join(checkout.folder, "base");
    mkdirSync(base);
    const rendered = await checkout.run("bin/skerry", "render", "--output", base);
    if (rendered.code !== 0) throw new Error(`render ended with ${rendered.code}: ${rendered.stderr}`);
    try {
      writeFileSync(file, shrunk);
      const output = join(checkout.folder, "preview.json");
      const args = ["--base-dir", base, "--live", "--format", "json", "--output", output];
      const preview = await checkout.run("bin/skerry", "preview", ...args);
      if (preview.code !== 0) throw new Error(`preview ended with ${preview.code}: ${preview.stderr}`);
      const report = JSON.parse(readFileSync(output, "utf8")) as PreviewReport;
      expect(report.moves.length).toBeGreaterThan(0);

      await up();
      const { pods, unplaced } = await read();
      expect(unplaced).toEqual([]);
      const expected = report.regions
        .filter(({ pods: { after } }) => after > 0)
        .map(({ cluster, region, pods: { after } }) => `${cluster}/${region}: ${after}`);
      expect(countByRegion(pods)).toEqual(expected.sort());
      // Every pod that moves is on the node that the preview named, or on one that it tied with.
      for (const { workload, to, ties } of report.moves) {
        const nodes = pods
          .filter(({ cluster, name }) => cluster === workload.cluster && name.startsWith(`${workload.name}-`))
          .map(({ node }) => node);
        expect({ workload: workload.name, found: [to.node, ...ties].some((node) => nodes.includes(node)) }).toEqual({
          workload: workload.name,
          found: true,
        });
      }
    } finally {
      await restore();
    }
  });
}
