/**
 * Simulates response times by policy, on 20 heterogeneous nodes with the real plugins, for short jobs and for requests to
 * services. It varies the pattern of arrivals, the load and the delay of usage samples, one at a time. It writes a table of
 * comparisons, a CSV file with all results, and plots.
 *
 *   npx tsx bench/scheduling/latency.ts [--traces folder] [--seeds n]
 *
 * Without recordings, it generates series with the same statistics.
 */
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { InvalidArgumentError, program } from "commander";

import { plot, type Panel } from "../plot";
import { record, table } from "../record";
import { computeMean, groupBy, measure } from "./program";

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

const LOADS = [0.5, 0.7, 0.85, 0.95];

/** Each sweep is the Cartesian product of its lists. */
const SWEEPS = [
  { patterns: "bursts", loads: LOADS.join(), delays: "30,frozen" },
  { patterns: "bursts", loads: "0.7", delays: "0,120" },
  { patterns: "poisson,recorded", loads: "0.7", delays: "30" },
];

const BASELINES = ["round robin", "round robin with room", "random", "stock", "target load packing", "oracle"];
const VARIANTS = ["edge without reserve", "edge without speeds", "edge without workloads", "edge without old samples"];
/** Policies in the plots. */
const PLOTTED = ["round robin", "stock", "target load packing", "edge", "oracle"];

const formatDelay = (delay: number): string => (delay < 0 ? "frozen" : `${delay}`);

/** Formats the change against a baseline in percent with its 95 % interval: the geometric mean of the pairs by seed. */
function formatChange(runs: readonly Latency[], baseline: readonly Latency[]): string {
  const { mean, halfWidth } = computeMean(runs.map((run, index) => Math.log(run.mean / baseline[index]!.mean)));
  const percent = (value: number): string => `${value > 0 ? "+" : ""}${(100 * (Math.exp(value) - 1)).toFixed(0)}`;
  return `${percent(mean)} (${percent(mean - halfWidth)} to ${percent(mean + halfWidth)})`;
}

/** The runs of one setting by policy. */
type RunsByPolicy = ReadonlyMap<string, readonly Latency[]>;

/** Groups runs by setting. Each setting is represented by its first run. */
function groupBySetting(runs: readonly Latency[]): [Latency, RunsByPolicy][] {
  return groupBy(runs, (run) => [run.kind, run.pattern, run.load, run.delay].join()).map(([, group]) => [
    group[0]!,
    new Map(groupBy(group, ({ policy }) => policy)),
  ]);
}

const head = ["work", "arrivals", "load", "delay"];
const cells = ({ kind, pattern, load, delay }: Latency): (string | number)[] => [
  kind,
  pattern,
  load,
  formatDelay(delay),
];

/** Renders all results as CSV: means over the seeds in seconds, with the half-width of their 95 % interval. */
function renderCsv(settings: readonly [Latency, RunsByPolicy][]): string {
  const lines = settings.flatMap(([first, byPolicy]) =>
    [...byPolicy].map(([policy, runs]) => {
      const values = (["mean", "p95", "p99"] as const).flatMap((name) => {
        const { mean, halfWidth } = computeMean(runs.map((run) => run[name]));
        return [mean.toFixed(3), halfWidth.toFixed(3)];
      });
      return [...cells(first), policy, runs.length, ...values].join();
    }),
  );
  const columns = "work,arrivals,load,delay,policy,seeds,mean,mean ±,p95,p95 ±,p99,p99 ±";
  return [columns, ...lines].join("\n") + "\n";
}

function plotSettings(settings: readonly [Latency, RunsByPolicy][]): void {
  const panel = (kind: string, delay: number): Panel => ({
    title: `${kind}, samples ${delay < 0 ? "frozen" : `${delay} s late`}`,
    x: "load",
    y: "mean latency (s)",
    logarithmic: { y: true },
    series: PLOTTED.map((name) => ({
      name,
      points: settings
        .filter(([run]) => run.kind === kind && run.delay === delay && run.pattern === "bursts")
        .flatMap(([{ load }, byPolicy]) => {
          const { mean, halfWidth } = computeMean((byPolicy.get(name) ?? []).map((run) => run.mean));
          return [[load, mean, mean - halfWidth, mean + halfWidth] as const];
        })
        .sort(([a], [b]) => a - b),
    })),
  });
  for (const kind of ["jobs", "services"]) {
    plot(`latency-${kind}`, `Latency under bursts: ${kind}`, [panel(kind, 30), panel(kind, -1)]);
  }
}

// scheduling-bench runs in another folder.
const resolvePath = (folder: string): string => resolve(folder);

async function main(): Promise<void> {
  const { traces, seeds } = program
    .option(
      "--traces <folder>",
      "folder with recordings of machines' load (default: generate series with the same statistics)",
      resolvePath,
      "",
    )
    .option(
      "--seeds <n>",
      "number of runs per setting",
      (text) => {
        if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("must be an integer from 1 to 9999");
        return Number(text);
      },
      20,
    )
    .parse()
    .opts<{ traces: string; seeds: number }>();
  const runs: Latency[] = [];
  for (const sweep of SWEEPS) {
    const flags = Object.entries({ ...sweep, traces, seeds }).flatMap(([name, value]) => [`--${name}`, `${value}`]);
    runs.push(...(await measure<Latency>(["latency", ...flags])));
  }
  const settings = groupBySetting(runs);
  writeFileSync(join(__dirname, "latency.csv"), renderCsv(settings));
  plotSettings(settings);
  const compareWith = (names: readonly string[]): string =>
    table(
      [...head, ...names.map((name) => `vs ${name}`)],
      settings.map(([first, byPolicy]) => [
        ...cells(first),
        ...names.map((name) => (byPolicy.has(name) ? formatChange(byPolicy.get("edge")!, byPolicy.get(name)!) : "")),
      ]),
    );
  await record(
    "Scheduling: response latency, simulated",
    `npx tsx bench/scheduling/latency.ts${traces && " --traces <folder>"} --seeds ${seeds}`,
    `Change of the edge scheduler's mean latency in percent, paired over ${seeds} seeds (95 % interval); lower is better. ` +
      "Round robin is a static rotation, in which a pod waits for its node; with room, the rotation skips full nodes. The " +
      "oracle knows the current work and the speed of each machine, and the future traffic of each service. The delay is the " +
      "delay of samples in seconds; frozen means that no samples arrive after the first pod. The mean, the 95th and the 99th " +
      "percentile of every policy are in [latency.csv](scheduling/latency.csv).\n\n" +
      compareWith(BASELINES) +
      "\n\nThe same against the scheduler without one of its parts. Above 0, the part increases latency.\n\n" +
      compareWith(VARIANTS),
  );
}

void main();
