import { setTimeout as sleep } from "node:timers/promises";

/**
 * Calls `look` until it returns a value, and returns the value with the elapsed seconds. Fails after `withinSeconds`.
 */
export async function eventually<T>(
  what: string,
  withinSeconds: number,
  look: () => Promise<T | undefined | false>,
): Promise<{ value: T; seconds: number }> {
  const started = Date.now();
  for (;;) {
    const value = await look();
    const seconds = (Date.now() - started) / 1000;
    if (value !== undefined && value !== false) return { value, seconds };
    if (seconds > withinSeconds) throw new Error(`${what}: not within ${withinSeconds} s`);
    await sleep(100);
  }
}
