import { formatPath, type Problem } from "../problem";
import type { FleetParts } from "./fleet-parts";

/** Checks that every link joins two different regions, and that no link is listed twice. */
export function checkLinks({ links }: FleetParts): Problem[] {
  const firstPaths = new Map<string, string>();
  return links.flatMap(({ path, value: { from, to } }) => {
    if (from === undefined || to === undefined) return [];
    const at = formatPath(path);
    if (from === to) {
      return [{ path: at, message: `must join two different regions, got ${from} and ${to}: remove the link` }];
    }
    const first = firstPaths.get(`${from}\0${to}`);
    firstPaths.set(`${from}\0${to}`, first ?? at);
    return first
      ? [{ path: at, message: `duplicate link from ${from} to ${to}, already at ${first}: remove one` }]
      : [];
  });
}
