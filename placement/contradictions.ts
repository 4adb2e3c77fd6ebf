import { agreeOnNodes } from "./agree-on-nodes";
import { agreeOnPods } from "./agree-on-pods";
import { agreeOnSpread } from "./agree-on-spread";
import { agreeOnValues } from "./agree-on-values";
import { agreeOnVolumes } from "./agree-on-volumes";
import { authoredBy, authorOf, claims } from "./authored";
import { fitsFleet } from "./fits-fleet";
import type { Facts, Wanted } from "./intent";
import { namesOf } from "./names";
import { wellFormed } from "./well-formed";

/** Where what is asked of one object cannot be had together, each with the names of those who ask. */
export function contradictions(facts: Facts, asked: readonly Wanted[]): string[] {
  const all = [...asked, ...authoredBy(facts)].sort((a, b) => (a.by < b.by ? -1 : a.by > b.by ? 1 : 0));
  const malformed = wellFormed(asked);
  if (malformed.length > 0) return malformed;
  const nodes = agreeOnNodes(facts, all);
  return [
    // Who wants two regions is told once.
    ...agreeOnValues(all).filter((problem) => !nodes.some((other) => told(other, problem))),
    ...nodes,
    ...agreeOnSpread(facts, all),
    ...agreeOnPods(all),
    ...agreeOnVolumes(facts, asked),
    ...bound(facts, asked),
    ...(nodes.length > 0 ? [] : fitsFleet(facts, asked, all)),
  ];
}

const told = (one: string, other: string): boolean =>
  other.includes(claims.served) && one.slice(0, one.indexOf(": ")) === other.slice(0, other.indexOf(": "));

/** A pod that names its node is not scheduled at all. */
function bound(facts: Facts, asked: readonly Wanted[]): string[] {
  const { nodeName } = facts.template.spec;
  const chosen = asked.filter(({ piece }) => ["scheduler", "node", "reach", "spread", "pods"].includes(piece.kind));
  if (!nodeName || chosen.length === 0) return [];
  return [
    `${namesOf([...chosen, { by: authorOf(facts) }])}: the pods name their node, ${nodeName}: leave nodeName out`,
  ];
}
