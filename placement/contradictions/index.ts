import { agreeOnNodes } from "./nodes";
import { agreeOnPods } from "./pods";
import { agreeOnSpread } from "./spread";
import { agreeOnValues } from "./values";
import { agreeOnVolumes } from "./volumes";
import { readAuthoredConstraints, nameAuthor, claims } from "../model/authored";
import { checkAgainstFleet } from "./fleet";
import type { PlacementContext, RequestedConstraint } from "../model/constraint";
import { namesOf } from "../model/names";
import { checkForm } from "./form";

/** Where what is asked of one object cannot be had together, each with the names of those who ask. */
export function findContradictions(context: PlacementContext, asked: readonly RequestedConstraint[]): string[] {
  const all = [...asked, ...readAuthoredConstraints(context)].sort((a, b) => (a.by < b.by ? -1 : a.by > b.by ? 1 : 0));
  const malformed = checkForm(asked);
  if (malformed.length > 0) return malformed;
  const nodes = agreeOnNodes(context, all);
  return [
    // Who wants two regions is told once.
    ...agreeOnValues(all).filter((problem) => !nodes.some((other) => told(other, problem))),
    ...nodes,
    ...agreeOnSpread(context, all),
    ...agreeOnPods(all),
    ...agreeOnVolumes(context, asked),
    ...bound(context, asked),
    ...(nodes.length > 0 ? [] : checkAgainstFleet(context, asked, all)),
  ];
}

const told = (one: string, other: string): boolean =>
  other.includes(claims.served) && one.slice(0, one.indexOf(": ")) === other.slice(0, other.indexOf(": "));

/** A pod that names its node is not scheduled at all. */
function bound(context: PlacementContext, asked: readonly RequestedConstraint[]): string[] {
  const { nodeName } = context.template.spec;
  const chosen = asked.filter(({ constraint }) =>
    ["scheduler", "node", "reach", "spread", "pods"].includes(constraint.kind),
  );
  if (!nodeName || chosen.length === 0) return [];
  return [
    `${namesOf([...chosen, { by: nameAuthor(context) }])}: the pods name their node, ${nodeName}: leave nodeName out`,
  ];
}
