import { shown, suggestion, unknown } from "../../fleet/problem";

/** Names that a message lists. */
const LISTED = 20;
/** Names among which a nearly equal one is looked for. */
const COMPARED = 1000;

/** Message for a name that is none of those known, of which a cluster may have thousands. */
export function unknownName(got: string, known: readonly string[]): string {
  if (known.length <= LISTED) return unknown(got, known);
  return `got ${shown(got)}, which is none of the ${known.length} known${suggestion(got, known.slice(0, COMPARED))}`;
}
