/**
 * How long work takes by policy: a simulation of 20 different nodes with the real plugins choosing, for short jobs and for
 * requests to services, by how arrivals come, how much there is to do and how old the usage samples are.
 *
 *   npx tsx bench/scheduling/latency.ts [--traces folder] [--seeds n] [--loads 0.5,0.7] [--delays 30,frozen]
 *
 * Without recordings, series with their statistics are made up.
 */
import { record, table } from "../record";
import { groups, meanOf, measure } from "./program";

interface Latency {
  readonly kind: string;
  readonly policy: string;
  readonly pattern: string;
  readonly load: number;
  readonly delay: number;
  readonly seed: number;
  readonly mean: number;
  readonly p95: number;
  readonly p99: number;
}

const BASELINES = ["round robin", "stock", "target load packing"];

/** Change against a baseline in per cent with its 95 % interval: the geometric mean over the seeds, pair by pair. */
function change(of: readonly Latency[], base: readonly Latency[]): string {
  const { mean, half } = meanOf(of.map((each, index) => Math.log(each.mean / base[index]!.mean)));
  const percent = (value: number): string => `${value > 0 ? "+" : ""}${(100 * (Math.exp(value) - 1)).toFixed(0)}`;
  return `${percent(mean)} (${percent(mean - half)} to ${percent(mean + half)})`;
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const figures = await measure<Latency>(["latency", ...args]);
  const rows = groups(figures, (f) => [f.kind, f.pattern, f.load, f.delay].join()).flatMap(([, setting]) => {
    const by = new Map(groups(setting, ({ policy }) => policy));
    return [...by].map(([policy, of]) => {
      const { kind, pattern, load, delay } = of[0]!;
      const { mean, half } = meanOf(of.map((each) => each.mean));
      return [
        kind,
        pattern,
        load,
        delay < 0 ? "frozen" : delay,
        policy,
        `${mean.toFixed(1)} ± ${half.toFixed(1)}`,
        meanOf(of.map(({ p95 }) => p95)).mean.toFixed(0),
        meanOf(of.map(({ p99 }) => p99)).mean.toFixed(0),
        ...BASELINES.map((name) => (by.has(name) && name !== policy ? change(of, by.get(name)!) : "")),
      ];
    });
  });
  const seeds = new Set(figures.map(({ seed }) => seed)).size;
  const shown = args
    .map((arg, index) => (args[index - 1] === "--traces" ? "<folder>" : / /.test(arg) ? `"${arg}"` : arg))
    .join(" ");
  await record(
    "Scheduling: response latency, simulated",
    `npx tsx bench/scheduling/latency.ts ${shown}`.trim(),
    `Seconds, ${seeds} seeds: mean ± half of its 95 % interval, 95th and 99th percentile; then the change of the mean in per ` +
      "cent against baselines, pair by pair over the seeds (95 % interval). The delay is how many seconds a sample takes to " +
      "be known.\n\n" +
      table(
        ["work", "arrivals", "load", "delay", "policy", "mean", "p95", "p99", ...BASELINES.map((name) => `vs ${name}`)],
        rows,
      ),
  );
}

void main();
