import { NARROWEST_FIRST } from "../model/domains";
import { selectKind, type PodAffinityConstraint, type RequestedConstraint } from "../model/constraint";
import { namesOf, pairsOf } from "../model/names";

/**
 * With the same pods and apart from them. Together in a region and apart in its nodes can be had; together on a node and
 * apart in the region cannot, for a node lies in one region.
 */
export function agreeOnPods(all: readonly RequestedConstraint[]): string[] {
  const required = selectKind(all, "pods").filter(({ constraint }) => constraint.required);
  return pairsOf(required).flatMap(([a, b]) => {
    if (a.constraint.apart === b.constraint.apart || subject(a.constraint) !== subject(b.constraint)) return [];
    const [apart, together] = a.constraint.apart ? [a.constraint, b.constraint] : [b.constraint, a.constraint];
    if (NARROWEST_FIRST.indexOf(together.domain) > NARROWEST_FIRST.indexOf(apart.domain)) return [];
    return [
      `${namesOf([a, b])}: pods that are with others in one ${together.domain} are with them in one ${apart.domain} too: ` +
        "leave one of the two out, or keep them apart in a narrower domain",
    ];
  });
}

function subject({ labels, namespace }: PodAffinityConstraint): string {
  return JSON.stringify([namespace, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
