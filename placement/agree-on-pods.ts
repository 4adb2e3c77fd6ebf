import { NARROWEST_FIRST } from "./domains";
import { ofKind, type PodsPiece, type Wanted } from "./intent";
import { namesOf, pairsOf } from "./names";

/**
 * With the same pods and apart from them. Together in a region and apart in its nodes can be had; together on a node and
 * apart in the region cannot, for a node lies in one region.
 */
export function agreeOnPods(all: readonly Wanted[]): string[] {
  const required = ofKind(all, "pods").filter(({ piece }) => piece.required);
  return pairsOf(required).flatMap(([a, b]) => {
    if (a.piece.apart === b.piece.apart || subject(a.piece) !== subject(b.piece)) return [];
    const [apart, together] = a.piece.apart ? [a.piece, b.piece] : [b.piece, a.piece];
    if (NARROWEST_FIRST.indexOf(together.domain) > NARROWEST_FIRST.indexOf(apart.domain)) return [];
    return [
      `${namesOf([a, b])}: pods that are with others in one ${together.domain} are with them in one ${apart.domain} too: ` +
        "leave one of the two out, or keep them apart in a narrower domain",
    ];
  });
}

function subject({ labels, namespace }: PodsPiece): string {
  return JSON.stringify([namespace, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
