import { formatValue, suggestName, describeUnknown } from "../../fleet/problem";

/** The most names that a message lists. */
const LISTED = 20;
/** The most names that are compared to find a similar one. */
const COMPARED = 1000;

/** Formats the message for a name that does not exist. A cluster may have thousands of names. */
export function unknownName(kind: string, got: string, names: readonly string[]): string {
  if (names.length <= LISTED) return describeUnknown(kind, got, names);
  return `unknown ${kind} ${formatValue(got)}${suggestName(got, names.slice(0, COMPARED))} (must be one of ${names.length})`;
}
