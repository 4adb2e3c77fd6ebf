import { isDnsLabel, isLabelValue, isQualifiedName, KEY_RULE, DNS_LABEL_RULE, LABEL_VALUE_RULE } from "../fleet/forms";
import { shown } from "../fleet/problem";
import { claims } from "./authored";
import type { Piece, Wanted } from "./intent";

/** Values that Kubernetes would refuse where they are to stand: found here, they have a name to be told with. */
export function wellFormed(asked: readonly Wanted[]): string[] {
  return asked.flatMap(({ by, piece }) => {
    const { keys = [], values = [] } = formsOf(piece);
    return [
      ...keys.filter((key) => !isQualifiedName(key)).map((key) => `${by}: key: got ${shown(key)}, ${KEY_RULE}`),
      ...values
        .filter((value) => !isLabelValue(value))
        .map((value) => `${by}: got ${shown(value)}, ${LABEL_VALUE_RULE}`),
      ...(piece.kind === "volume" && !isDnsLabel(piece.name)
        ? [`${by}: data.name: got ${shown(piece.name)}, ${DNS_LABEL_RULE}`]
        : []),
    ];
  });
}

/** What of a piece becomes a label's or a taint's key, and what its value. */
function formsOf(piece: Piece): { readonly keys?: readonly string[]; readonly values?: readonly string[] } {
  switch (piece.kind) {
    case "label":
      return { keys: [piece.key], values: [piece.value] };
    case "claim":
      return piece.key === claims.served ? { values: [piece.value] } : {};
    case "node":
    case "reach":
    case "prefer":
      return { keys: [piece.key], values: piece.values ?? [] };
    case "tolerate":
      return { keys: [piece.key], values: piece.value === undefined ? [] : [piece.value] };
    case "pods":
      return { keys: Object.keys(piece.labels), values: Object.values(piece.labels) };
    default:
      return {};
  }
}
