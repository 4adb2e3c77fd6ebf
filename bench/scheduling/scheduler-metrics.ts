/** Metrics and profiles of the benchmark's scheduler, over HTTPS on the loopback address. */
import { writeFileSync } from "node:fs";

import { type Agent, request } from "undici";

export const PORT = 20_259;
export const PROFILE = "/debug/pprof/profile";
const PROFILE_SECONDS = 8;
/** Time without placements after which the scheduler may be idle. */
export const IDLE_SECONDS = 5;

export interface Progress {
  readonly scheduled: number;
  /** Pods in the scheduler's queues. */
  readonly pending: number;
  readonly cpuSeconds: number;
}

/** Progress at a time, in milliseconds since the epoch. */
export type Moment = Progress & { readonly at: number };

/** Reads the scheduler's metrics and sums their series. Returns undefined if the scheduler does not respond. */
export async function readMetrics(dispatcher: Agent): Promise<Progress | undefined> {
  const response = await request(`https://127.0.0.1:${PORT}/metrics`, { dispatcher }).catch(() => undefined);
  const text = await response?.body.text();
  if (text === undefined || response?.statusCode !== 200) return undefined;
  const sum = (pattern: RegExp): number =>
    [...text.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0);
  return {
    scheduled: sum(/^scheduler_schedule_attempts_total\{.*result="scheduled".*\} (\S+)$/gm),
    pending: sum(/^scheduler_pending_pods\{.*\} (\S+)$/gm),
    cpuSeconds: sum(/^process_cpu_seconds_total (\S+)$/gm),
  };
}

/** Writes a CPU profile of the scheduler, for `go tool pprof`. */
export async function writeProfile(dispatcher: Agent, file: string): Promise<void> {
  const response = await request(`https://127.0.0.1:${PORT}${PROFILE}?seconds=${PROFILE_SECONDS}`, { dispatcher });
  writeFileSync(file, Buffer.from(await response.body.arrayBuffer()));
}
