import { formatPath, type Problem } from "../problem";
import type { Readable } from "./readable";

/** A link joins two regions, and no pair twice. */
export function checkLinks({ links }: Readable): Problem[] {
  const first = new Map<string, string>();
  return links.flatMap(({ path, value: { from, to } }) => {
    if (from === undefined || to === undefined) return [];
    const at = formatPath(path);
    if (from === to) {
      return [{ path: at, message: `goes from ${from} to itself: leave it out, a region is 0 ms from itself` }];
    }
    const before = first.get(`${from}\0${to}`);
    first.set(`${from}\0${to}`, before ?? at);
    return before
      ? [{ path: at, message: `from ${from} to ${to} is stated by ${before} already: keep one of the two` }]
      : [];
  });
}
