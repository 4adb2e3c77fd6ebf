/** One day, in ms. */
const DAY_MS = 86_400_000;

/** `pulumi up` renews a certificate in this last part of its lifetime. */
const RENEWAL_WINDOW = 0.25;

/** Whether a certificate is in the last quarter of its lifetime. */
export function isInLastQuarter(expires: string, lifeDays: number, now = Date.now()): boolean {
  return Date.parse(expires) - now < lifeDays * RENEWAL_WINDOW * DAY_MS;
}
