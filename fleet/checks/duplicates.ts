import { formatPath, formatValue, type Problem } from "../problem";
import type { Part } from "./fleet-parts";

/** Finds the items of a list that repeat an earlier one. Items that could not be read are skipped. */
export function findDuplicates(path: readonly PropertyKey[], items: readonly (string | undefined)[] = []): Problem[] {
  return items.flatMap((item, index) => {
    const first = items.indexOf(item);
    if (item === undefined || first === index) return [];
    const message = `duplicate value ${formatValue(item)}, already at ${formatPath([...path, first])}: remove one`;
    return [{ path: formatPath([...path, index]), message }];
  });
}

/**
 * Finds the parts whose name repeats that of an earlier one.
 *
 * @param kind what the parts are, such as `regions`
 */
export function findDuplicateNames(parts: readonly Part<{ readonly name: string }>[], kind: string): Problem[] {
  const firstPaths = new Map<string, string>();
  return parts.flatMap(({ path, value: { name } }) => {
    if (name === undefined) return [];
    const at = formatPath([...path, "name"]);
    const first = firstPaths.get(name);
    firstPaths.set(name, first ?? at);
    const message = `duplicate value ${formatValue(name)}, already at ${first}: ${kind} must have unique names`;
    return first === undefined ? [] : [{ path: at, message }];
  });
}
