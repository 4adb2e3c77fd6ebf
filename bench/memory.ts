import { readFileSync } from "node:fs";

import { type CheckoutProcess, processesOf } from "../test/e2e/processes";
import { findPart, type Part } from "./processor";

const PERIOD_MS = 250;

/** The Kubernetes providers, of which there is one per cluster, are counted apart from the other providers. */
export type MemoryPart = Part | "Kubernetes providers";

function partOf(found: CheckoutProcess): MemoryPart | undefined {
  return found.program === "pulumi-resource-kubernetes" ? "Kubernetes providers" : findPart(found);
}

/** Memory of a process in MiB. Pages that several processes share are divided among them (proc(5), Pss). */
function readMemory(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0) / 1024;
}

/** The largest memory that the processes of a part used at the same time. */
export interface PeakMemory {
  readonly processes: number;
  readonly mib: number;
}

/** Measures the peak memory of each part of a checkout during `work`. Samples four times a second. */
export async function measureMemory(
  folder: string,
  work: () => Promise<unknown>,
): Promise<ReadonlyMap<MemoryPart, PeakMemory>> {
  const peaks = new Map<MemoryPart, PeakMemory>();
  const sample = (): void => {
    const now = new Map<MemoryPart, PeakMemory>();
    for (const each of processesOf(folder)) {
      const part = partOf(each);
      if (!part) continue;
      try {
        const { processes, mib } = now.get(part) ?? { processes: 0, mib: 0 };
        now.set(part, { processes: processes + 1, mib: mib + readMemory(each.pid) });
      } catch {
        // The process has exited.
      }
    }
    for (const [part, memory] of now) if (memory.mib > (peaks.get(part)?.mib ?? 0)) peaks.set(part, memory);
  };
  const timer = setInterval(sample, PERIOD_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return peaks;
}
