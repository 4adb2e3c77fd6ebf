/**
 * Measures how evenly each policy places a burst of 200 pods on 20 equal nodes whose last usage samples are two minutes old.
 *
 *   npx tsx bench/scheduling/herding.ts [seeds]
 */
import { plot } from "../plot";
import { record, spread, table } from "../record";
import { groupBy, measure } from "./program";

interface Herding {
  readonly policy: string;
  readonly seed: number;
  readonly maxOverMean: number;
  /** In descending order. */
  readonly loads: readonly number[];
}

/** Policies in the plot. */
const PLOTTED = ["random", "stock", "target load packing", "edge", "edge without reserve"];

async function main(): Promise<void> {
  const seeds = process.argv[2] ?? "20";
  const results = await measure<Herding>(["herding", "--seeds", seeds]);
  const rows = groupBy(results, ({ policy }) => policy).map(([policy, bursts]) => {
    const { median, min, max } = spread(bursts.map(({ maxOverMean }) => maxOverMean));
    return [policy, median.toFixed(2), min.toFixed(2), max.toFixed(2)];
  });
  const first = results.filter(({ seed, policy }) => seed === 1 && PLOTTED.includes(policy));
  plot("herding", "Node load after a burst of 200 pods on frozen metrics", [
    {
      title: "first burst; nodes in the order of their load",
      x: "node",
      y: "CPU load",
      series: first.map(({ policy, loads }) => ({ name: policy, points: loads.map((load, node) => [node + 1, load]) })),
    },
  ]);
  await record(
    "Scheduling: herding on frozen metrics",
    `npx tsx bench/scheduling/herding.ts ${seeds}`,
    `Highest load of a node over the mean load, in ${seeds} bursts with different seeds. The load of a node is its original ` +
      "load (10 to 30 % of its CPU, which requests do not show) plus the requests of its new pods.\n\n" +
      table(["policy", "median", "minimum", "maximum"], rows),
  );
}

void main();
