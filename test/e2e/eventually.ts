import { setTimeout as sleep } from "node:timers/promises";

/**
 * Calls `look` until it returns a value, and returns the value with the elapsed seconds. A `look` that throws has not succeeded
 * yet: a server may restart whenever it loses its lease or its quorum. Fails after `withinSeconds`, with the last error as the cause.
 */
export async function eventually<T>(
  what: string,
  withinSeconds: number,
  look: () => Promise<T | undefined | false>,
): Promise<{ value: T; seconds: number }> {
  const started = Date.now();
  for (;;) {
    let problem: unknown;
    const value = await look().catch((error: unknown) => void (problem = error));
    const seconds = (Date.now() - started) / 1000;
    if (value !== undefined && value !== false) return { value, seconds };
    if (seconds > withinSeconds) {
      const last = problem instanceof Error ? `; last: ${problem.message}` : "";
      throw new Error(`${what}: not within ${withinSeconds} s${last}`, { cause: problem });
    }
    await sleep(100);
  }
}
