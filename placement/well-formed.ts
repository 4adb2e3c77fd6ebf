import { isDnsLabel, isQualifiedName, KEY_RULE, labelValue, DNS_LABEL_RULE } from "../fleet/forms";
import { shown } from "../fleet/problem";
import { claims } from "./authored";
import type { Piece, Wanted } from "./intent";

/** Values that Kubernetes would refuse where they are to stand: found here, they have a name to be told with. */
export function wellFormed(asked: readonly Wanted[]): string[] {
  return asked.flatMap(({ by, piece }) => {
    const { keys = [], values = [] } = formsOf(piece);
    return [
      ...keys.filter((key) => !isQualifiedName(key)).map((key) => `${by}: key: got ${shown(key)}, ${KEY_RULE}`),
      ...values.flatMap((value) => {
        const { error } = labelValue.safeParse(value);
        return error ? [`${by}: got ${shown(value)}, ${error.issues[0]!.message}`] : [];
      }),
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
