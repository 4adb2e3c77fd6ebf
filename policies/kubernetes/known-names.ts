import { formatValue, suggestName, describeUnknown } from "../../fleet/problem";

/** Names that a message lists. */
const LISTED = 20;
/** Names among which a nearly equal one is looked for. */
const COMPARED = 1000;

/** Message for a name that is none of those known, of which a cluster may have thousands. */
export function unknownName(kind: string, got: string, known: readonly string[]): string {
  if (known.length <= LISTED) return describeUnknown(kind, got, known);
  return `unknown ${kind} ${formatValue(got)}${suggestName(got, known.slice(0, COMPARED))} (must be one of ${known.length})`;
}
