import { NARROWEST_FIRST } from "../model/domains";
import { selectKind, type PodAffinityConstraint, type RequestedConstraint } from "../model/constraint";
import { namesOf, pairsOf } from "../model/names";

/**
 * Finds constraints that require the same pods to be both together and apart. Together in a region but on different nodes
 * is possible; together on a node but in different regions is not, because a node is in one region.
 */
export function findPodContradictions(all: readonly RequestedConstraint[]): string[] {
  const required = selectKind(all, "pods").filter(({ constraint }) => constraint.required);
  return pairsOf(required).flatMap(([a, b]) => {
    if (a.constraint.apart === b.constraint.apart || subject(a.constraint) !== subject(b.constraint)) return [];
    const [apart, together] = a.constraint.apart ? [a.constraint, b.constraint] : [b.constraint, a.constraint];
    if (NARROWEST_FIRST.indexOf(together.domain) > NARROWEST_FIRST.indexOf(apart.domain)) return [];
    return [
      `${namesOf([a, b])}: pods cannot share a ${together.domain} with other pods and be in a different ${apart.domain}: ` +
        "remove one placement, or keep the pods apart in a narrower domain",
    ];
  });
}

function subject({ labels, namespace }: PodAffinityConstraint): string {
  return JSON.stringify([namespace, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
