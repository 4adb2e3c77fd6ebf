/** Milliseconds of a day. */
export const DAY_MS = 86_400_000;

/** Share of a certificate's life in which an `up` issues it anew. */
const LAST_PART = 0.25;

/** Whether a certificate is in the last quarter of its life. */
export function nearsItsEnd(expires: string, lifeDays: number, now = Date.now()): boolean {
  return Date.parse(expires) - now < lifeDays * LAST_PART * DAY_MS;
}
