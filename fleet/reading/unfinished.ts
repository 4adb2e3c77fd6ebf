import { formatPath, type Problem } from "../problem";

/** Starts a text that `skerry adopt` writes in place of a value that it cannot find out. */
export const UNFINISHED = "TODO: ";

/** Deeper than any field of a fleet. A module's value may contain itself. */
const MAX_DEPTH = 10;

/** Finds the values that still have to be filled in. */
export function findUnfinished(value: unknown, path: readonly PropertyKey[] = []): Problem[] {
  if (typeof value === "string" && value.startsWith(UNFINISHED)) {
    return [{ path: formatPath(path), message: `must be filled in: ${value.slice(UNFINISHED.length)}` }];
  }
  if (typeof value !== "object" || value === null || path.length > MAX_DEPTH) return [];
  return Array.isArray(value)
    ? value.flatMap((item, index) => findUnfinished(item, [...path, index]))
    : Object.entries(value).flatMap(([key, item]) => findUnfinished(item, [...path, key]));
}
