import { readFileSync } from "node:fs";

import { type CheckoutProcess, processesOf } from "../test/e2e/processes";

/** The parts of an `up`, in the order of the table's columns. */
export const PARTS = ["engine", "program", "policies", "providers", "command", "control planes", "lab"] as const;
export type Part = (typeof PARTS)[number];

/** Clock ticks of /proc in a second (`getconf CLK_TCK`, 100 on every Linux that Node.js runs on). */
const TICKS = 100;
const PERIOD_MS = 200;

/** Returns the part of an `up` that a process belongs to. */
export function findPart({ program, arguments: given }: CheckoutProcess): Part | undefined {
  const has = (text: string): boolean => given.some((each) => each.includes(text));
  if (program === "pulumi") return "engine";
  if (program === "pulumi-resource-kubernetes" || has("dynamic-provider")) return "providers";
  if (program === "lab") return given[0] === "server" ? "control planes" : "lab";
  if (program === "edge-scheduler" || program === "node-controller") return "lab";
  if (has("@pulumi/pulumi/cmd/run")) return "program";
  if (has("bin/skerry")) return "command";
  return program === "node" && has("tsx/cjs") ? "policies" : undefined;
}

/** CPU time of a process in seconds, user and system (proc(5), fields 14 and 15). */
function readSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/**
 * Measures the CPU time in seconds that each part of a checkout uses during `work`. Samples five times a second; what a process
 * uses after its last sample is not counted.
 */
export async function measureProcessor(folder: string, work: () => Promise<unknown>): Promise<Record<Part, number>> {
  const before = new Map<number, number>();
  const latest = new Map<number, { readonly part: Part; readonly seconds: number }>();
  const sample = (): void => {
    for (const each of processesOf(folder)) {
      const part = findPart(each);
      if (!part) continue;
      try {
        latest.set(each.pid, { part, seconds: readSeconds(each.pid) });
      } catch {
        // The process has exited.
      }
    }
  };
  sample();
  for (const [pid, { seconds }] of latest) before.set(pid, seconds);
  const timer = setInterval(sample, PERIOD_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  sample();
  const used = Object.fromEntries(PARTS.map((part) => [part, 0])) as Record<Part, number>;
  for (const [pid, { part, seconds }] of latest) used[part] += seconds - (before.get(pid) ?? 0);
  return used;
}
