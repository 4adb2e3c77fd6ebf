/**
 * A burst of 200 pods on 20 equal nodes whose usage samples froze two minutes before: how uneven each policy leaves them.
 *
 *   npx tsx bench/scheduling/herding.ts [seeds]
 */
import { plot } from "../plot";
import { record, spread, table } from "../record";
import { groups, measure } from "./program";

interface Herding {
  readonly policy: string;
  readonly seed: number;
  readonly mostOverMean: number;
  /** The busiest node first. */
  readonly loads: readonly number[];
}

/** Policies in the picture. */
const SHOWN = ["random", "stock", "target load packing", "edge", "edge without reserve"];

async function main(): Promise<void> {
  const seeds = process.argv[2] ?? "20";
  const figures = await measure<Herding>(["herding", "--seeds", seeds]);
  const rows = groups(figures, ({ policy }) => policy).map(([policy, of]) => {
    const { median, min, max } = spread(of.map(({ mostOverMean }) => mostOverMean));
    return [policy, median.toFixed(2), min.toFixed(2), max.toFixed(2)];
  });
  const first = figures.filter(({ seed, policy }) => seed === 1 && SHOWN.includes(policy));
  plot("herding", "Node load after a burst of 200 pods on frozen metrics", [
    {
      title: "the first burst; nodes in the order of their load",
      x: "node",
      y: "share of the processor",
      series: first.map(({ policy, loads }) => ({ name: policy, points: loads.map((load, node) => [node + 1, load]) })),
    },
  ]);
  await record(
    "Scheduling: herding on frozen metrics",
    `npx tsx bench/scheduling/herding.ts ${seeds}`,
    `Load of the busiest node over the mean, of ${seeds} seeded bursts. A node's load is what it had before (10 to 30 % of ` +
      "its processor, which no request shows) and what its new pods request.\n\n" +
      table(["policy", "median", "least", "most"], rows),
  );
}

void main();
