/** What a scheduler that runs beside the benchmark says of itself, over HTTPS on the loopback address. */
import { writeFileSync } from "node:fs";

import { type Agent, request } from "undici";

export const PORT = 20_259;
export const PROFILE = "/debug/pprof/profile";
const PROFILE_SECONDS = 8;
/** How long nothing may happen until a scheduler seems to rest. */
export const STILL_SECONDS = 5;

export interface Progress {
  readonly scheduled: number;
  /** Pods in its queues. */
  readonly pending: number;
  readonly cpuSeconds: number;
}

/** When it was so. */
export type Moment = Progress & { readonly at: number };

/** What a scheduler says of itself; sums where there are several of a metric. */
export async function metrics(dispatcher: Agent): Promise<Progress | undefined> {
  const answer = await request(`https://127.0.0.1:${PORT}/metrics`, { dispatcher }).catch(() => undefined);
  const text = await answer?.body.text();
  if (text === undefined || answer?.statusCode !== 200) return undefined;
  const sum = (pattern: RegExp): number =>
    [...text.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0);
  return {
    scheduled: sum(/^scheduler_schedule_attempts_total\{.*result="scheduled".*\} (\S+)$/gm),
    pending: sum(/^scheduler_pending_pods\{.*\} (\S+)$/gm),
    cpuSeconds: sum(/^process_cpu_seconds_total (\S+)$/gm),
  };
}

/** Where a scheduler spends its processor time, for `go tool pprof`. */
export async function profile(dispatcher: Agent, file: string): Promise<void> {
  const answer = await request(`https://127.0.0.1:${PORT}${PROFILE}?seconds=${PROFILE_SECONDS}`, { dispatcher });
  writeFileSync(file, Buffer.from(await answer.body.arrayBuffer()));
}
