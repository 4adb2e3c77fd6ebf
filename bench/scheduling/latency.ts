/**
 * How long work takes by policy: a simulation of 20 different nodes with the real plugins choosing, for short jobs and for
 * requests to services, by how arrivals come, how much there is to do and how old the usage samples are. From a middle
 * (bursts, load 0.7), one of these is changed at a time. Writes a table of the comparisons, a file with each figure, and
 * pictures.
 *
 *   npx tsx bench/scheduling/latency.ts [--traces folder] [--seeds n]
 *
 * Without recordings, series with their statistics are made up.
 */
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { InvalidArgumentError, program } from "commander";

import { plot, type Panel } from "../plot";
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

const LOADS = [0.5, 0.7, 0.85, 0.95];

/** What is run: each a full cross of its lists. */
const SWEEPS = [
  { patterns: "bursts", loads: LOADS.join(), delays: "30,frozen" },
  { patterns: "bursts", loads: "0.7", delays: "0,120" },
  { patterns: "poisson,recorded", loads: "0.7", delays: "30" },
];

const BASELINES = ["round robin", "round robin with room", "random", "stock", "target load packing", "oracle"];
const VARIANTS = ["edge without reserve", "edge without speeds", "edge without workloads", "edge without old samples"];
/** Policies in the pictures. */
const SHOWN = ["round robin", "stock", "target load packing", "edge", "oracle"];

const delayOf = (delay: number): string => (delay < 0 ? "frozen" : `${delay}`);

/** Change against a baseline in per cent with its 95 % interval: the geometric mean over the seeds, pair by pair. */
function change(of: readonly Latency[], base: readonly Latency[]): string {
  const { mean, half } = meanOf(of.map((each, index) => Math.log(each.mean / base[index]!.mean)));
  const percent = (value: number): string => `${value > 0 ? "+" : ""}${(100 * (Math.exp(value) - 1)).toFixed(0)}`;
  return `${percent(mean)} (${percent(mean - half)} to ${percent(mean + half)})`;
}

type Setting = ReadonlyMap<string, readonly Latency[]>;

function settingsOf(figures: readonly Latency[]): [Latency, Setting][] {
  return groups(figures, (f) => [f.kind, f.pattern, f.load, f.delay].join()).map(([, of]) => [
    of[0]!,
    new Map(groups(of, ({ policy }) => policy)),
  ]);
}

const head = ["work", "arrivals", "load", "delay"];
const cells = ({ kind, pattern, load, delay }: Latency): (string | number)[] => [kind, pattern, load, delayOf(delay)];

/** Every figure for whoever wants to look closer: means over the seeds, in seconds, with half of their 95 % interval. */
function csv(settings: readonly [Latency, Setting][]): string {
  const lines = settings.flatMap(([first, by]) =>
    [...by].map(([policy, of]) => {
      const figures = (["mean", "p95", "p99"] as const).flatMap((name) => {
        const { mean, half } = meanOf(of.map((each) => each[name]));
        return [mean.toFixed(3), half.toFixed(3)];
      });
      return [...cells(first), policy, of.length, ...figures].join();
    }),
  );
  const columns = "work,arrivals,load,delay,policy,seeds,mean,mean ±,p95,p95 ±,p99,p99 ±";
  return [columns, ...lines].join("\n") + "\n";
}

function pictures(settings: readonly [Latency, Setting][]): void {
  const panel = (kind: string, delay: number): Panel => ({
    title: `${kind}, samples ${delay < 0 ? "frozen" : `${delay} s late`}`,
    x: "load",
    y: "mean latency (s)",
    logarithmic: { y: true },
    series: SHOWN.map((name) => ({
      name,
      points: settings
        .filter(([{ pattern, ...f }]) => f.kind === kind && f.delay === delay && pattern === "bursts")
        .flatMap(([{ load }, by]) => {
          const { mean, half } = meanOf((by.get(name) ?? []).map((each) => each.mean));
          return [[load, mean, mean - half, mean + half] as const];
        })
        .sort(([a], [b]) => a - b),
    })),
  });
  for (const kind of ["jobs", "services"]) {
    plot(`latency-${kind}`, `Latency under bursts: ${kind}`, [panel(kind, 30), panel(kind, -1)]);
  }
}

// The program runs in a folder of its own.
const resolvePath = (folder: string): string => resolve(folder);

async function main(): Promise<void> {
  const { traces, seeds } = program
    .option(
      "--traces <folder>",
      "recordings of machines' load; none makes series up with the same statistics",
      resolvePath,
      "",
    )
    .option(
      "--seeds <n>",
      "runs of each setting",
      (text) => {
        if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("allowed 1 to 9999");
        return Number(text);
      },
      20,
    )
    .parse()
    .opts<{ traces: string; seeds: number }>();
  const figures: Latency[] = [];
  for (const sweep of SWEEPS) {
    const flags = Object.entries({ ...sweep, traces, seeds }).flatMap(([name, value]) => [`--${name}`, `${value}`]);
    figures.push(...(await measure<Latency>(["latency", ...flags])));
  }
  const settings = settingsOf(figures);
  writeFileSync(join(__dirname, "latency.csv"), csv(settings));
  pictures(settings);
  const against = (names: readonly string[]): string =>
    table(
      [...head, ...names.map((name) => `vs ${name}`)],
      settings.map(([first, by]) => [
        ...cells(first),
        ...names.map((name) => (by.has(name) ? change(by.get("edge")!, by.get(name)!) : "")),
      ]),
    );
  await record(
    "Scheduling: response latency, simulated",
    `npx tsx bench/scheduling/latency.ts${traces && " --traces <folder>"} --seeds ${seeds}`,
    `Change of the edge scheduler's mean latency in per cent, pair by pair over ${seeds} seeds (95 % interval); less is ` +
      "better. Round robin is a static rotation: a pod waits for the node whose turn it was; with room, it passes over full " +
      "nodes. The oracle knows what runs on each machine, how fast it is and what each service will have to do. The delay is " +
      "how many seconds a sample takes to be known; frozen, the machines were last sampled before the first pod came. Every policy's mean, 95th and 99th percentile are in " +
      "[latency.csv](scheduling/latency.csv).\n\n" +
      against(BASELINES) +
      "\n\nThe same against the scheduler without one of its parts: above 0, the part costs more than it gains.\n\n" +
      against(VARIANTS),
  );
}

void main();
