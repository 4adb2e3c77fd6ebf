import { cpus, loadavg } from "node:os";

import { record, spread, table } from "../record";
import { ASKS, type Ask } from "./generated-fleet";

/** What one run of the simulator used and found. */
export interface Measured {
  /** CPU seconds. */
  readonly cpu: number;
  /** Wall-clock seconds. */
  readonly wall: number;
  /** Peak resident memory, MiB. */
  readonly memory: number;
  /** Pods without a node. */
  readonly unplaced: number;
  /** Pods that the drills displaced. */
  readonly displaced: number;
}

/** The runs of one case. */
export interface Result {
  readonly name: string;
  readonly nodes: number;
  readonly pods: number;
  readonly ask: Ask;
  readonly scheduler: string;
  readonly drills: number;
  readonly runs: readonly Measured[];
}

/** Load average at the start. On a busy machine, wall-clock time says nothing about a target. */
const load = loadavg()[0]!;
const busy = load > cpus().length / 2;

const judge = (holds: boolean): string => (holds ? "holds" : busy ? "not decided on a busy machine" : "does not hold");

const conditions =
  `Load average at the start: ${load.toFixed(1)} on ${cpus().length} cores` +
  (busy ? ": the machine was busy, so compare CPU seconds. " : ". ");

const median = (runs: readonly Measured[], value: (run: Measured) => number): number => spread(runs.map(value)).median;

function range(values: readonly number[], digits: number): string {
  const { median, min, max } = spread(values);
  return values.length === 1
    ? median.toFixed(digits)
    : `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}

/** Compares the measured cases with their targets, and states the growth from 1,000 to 5,000 nodes if both were measured. */
function conclude(results: readonly Result[]): string[] {
  const find = (name: string): Result | undefined => results.find((result) => result.name === name);
  const lines: string[] = [];
  const plain = find("plain");
  if (plain) {
    const wall = median(plain.runs, (run) => run.wall);
    const memory = Math.max(...plain.runs.map((run) => run.memory));
    lines.push(
      `10,000 pods on 1,000 nodes take ${wall.toFixed(1)} s and ${median(plain.runs, (run) => run.cpu).toFixed(1)} s of CPU time ` +
        `(target: at most 8 s; ${judge(wall <= 8)}), with ${memory.toFixed(0)} MiB (target: under 300; ${judge(memory < 300)}).`,
    );
  }
  for (const [name, base] of [
    ["drills", "plain"],
    ["region-drills", "region"],
  ] as const) {
    const drills = find(name);
    const without = find(base);
    if (!drills || !without) continue;
    const wall = median(drills.runs, (run) => run.wall) - median(without.runs, (run) => run.wall);
    const cpu = median(drills.runs, (run) => run.cpu) - median(without.runs, (run) => run.cpu);
    lines.push(
      `${drills.drills} drills on 1,000 nodes whose pods ask for ${ASKS[drills.ask]} displace ${drills.runs[0]!.displaced} pods and add ` +
        `${wall.toFixed(1)} s, ${cpu.toFixed(1)} s of CPU time (target: 15 s; ${judge(wall <= 15)}).`,
    );
  }
  for (const [large, small] of [
    ["large", "plain"],
    ["large-region", "region"],
  ] as const) {
    const [more, less] = [find(large), find(small)];
    if (!more || !less) continue;
    const times = (value: (run: Measured) => number): string =>
      (median(more.runs, value) / median(less.runs, value)).toFixed(1);
    lines.push(
      `Five times the nodes and pods that ask for ${ASKS[more.ask]} take ${times((run) => run.cpu)} times the CPU time and ` +
        `${times((run) => run.memory)} times the memory.`,
    );
  }
  return lines;
}

/** Records the cases without the comparison. */
export async function reportSimulated(results: readonly Result[], command: string): Promise<void> {
  const rows = results.map(({ name, nodes, pods, ask, scheduler, drills, runs }) => [
    name,
    nodes,
    pods,
    ASKS[ask],
    scheduler,
    drills,
    range(
      runs.map((run) => run.wall),
      1,
    ),
    range(
      runs.map((run) => run.cpu),
      1,
    ),
    ((1e3 * median(runs, (run) => run.cpu)) / pods).toFixed(2),
    Math.max(...runs.map((run) => run.memory)).toFixed(0),
    runs[0]!.unplaced,
    runs[0]!.displaced,
  ]);
  const rounds = results[0]!.runs.length;
  await record(
    "Placement simulator: time, memory and growth",
    command,
    `${conclude(results)
      .map((line) => `- ${line}`)
      .join("\n")}\n\n` +
      `${rounds === 1 ? "One run" : `Median of ${rounds} runs (minimum–maximum)`} of the whole program, from the request's file to the ` +
      "report's last byte. Pods are in Deployments of 50. A drill loses one of ten regions; the link drill cuts one link. " +
      `${conditions}\n\n` +
      table(
        [
          "case",
          "nodes",
          "pods",
          "pods ask for",
          "scheduler",
          "drills",
          "s",
          "CPU s",
          "CPU ms/pod",
          "MiB",
          "no node",
          "displaced",
        ],
        rows,
      ),
  );
}

/** Records the comparison with the live scheduler. */
export async function reportLive(
  [nodes, pods]: readonly [number, number],
  pairs: readonly { readonly live: number; readonly simulated: Measured }[],
  command: string,
): Promise<void> {
  const ratios = pairs.map(({ live, simulated }) => pods / simulated.wall / live);
  const byCpu = pairs.map(({ live, simulated }) => pods / simulated.cpu / live);
  await record(
    "Placement simulator: rate against the live stock scheduler",
    command,
    `- The simulator places ${range(ratios, 1)} times as many pods per second as the live stock scheduler in the lab (target: 12; ` +
      `${judge(spread(ratios).median >= 12)}).\n\n` +
      `${pods} pods without a workload on the ${nodes} nodes of the lab, with the same configuration: live from the first placement to the ` +
      `last, simulated from the start of the program to its end. They take turns. ${conditions}\n\n` +
      table(
        [
          "round",
          "live pods/s",
          "simulated pods/s",
          "simulated ÷ live",
          "simulated pods per CPU second ÷ live pods/s",
          "MiB",
        ],
        pairs.map(({ live, simulated }, round) => [
          round + 1,
          live.toFixed(0),
          (pods / simulated.wall).toFixed(0),
          ratios[round]!.toFixed(1),
          byCpu[round]!.toFixed(1),
          simulated.memory.toFixed(0),
        ]),
      ),
  );
}
