import type { Rendering } from "./rendering";
import type { Geography, RegionReport } from "./report";

/** Merges lists of two revisions; where both have a key, the head's item counts. */
function merge<T>(base: readonly T[], head: readonly T[], key: (item: T) => string): T[] {
  const merged = new Map([...base, ...head].map((item) => [key(item), item]));
  return [...merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

/** Collects the locations of the regions in a report, and the links between them. */
export function collectGeography(base: Rendering, head: Rendering, reported: readonly RegionReport[]): Geography {
  const names = new Set(reported.map(({ region }) => region));
  return {
    regions: merge(base.regions, head.regions, ({ name }) => name).filter(({ name }) => names.has(name)),
    links: merge(base.links, head.links, ({ from, to }) => `${from}\0${to}`).filter(
      ({ from, to }) => names.has(from) && names.has(to),
    ),
  };
}
