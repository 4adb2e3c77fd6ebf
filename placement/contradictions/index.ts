import { findNodeContradictions } from "./nodes";
import { findPodContradictions } from "./pods";
import { findSpreadContradictions } from "./spread";
import { findValueContradictions } from "./values";
import { findVolumeContradictions } from "./volumes";
import { readAuthoredConstraints, nameAuthor, claims } from "../model/authored";
import { checkAgainstFleet } from "./fleet";
import type { PlacementContext, RequestedConstraint } from "../model/constraint";
import { namesOf } from "../model/names";
import { checkForm } from "./form";

/** Finds constraints on an object that contradict each other, the object or the cluster, and names who requests them. */
export function findContradictions(context: PlacementContext, requested: readonly RequestedConstraint[]): string[] {
  const all = [...requested, ...readAuthoredConstraints(context)].sort((a, b) =>
    a.by < b.by ? -1 : a.by > b.by ? 1 : 0,
  );
  const malformed = checkForm(requested);
  if (malformed.length > 0) return malformed;
  const nodes = findNodeContradictions(context, all);
  return [
    // Two regions are reported once, as nodes.
    ...findValueContradictions(all).filter((problem) => !nodes.some((other) => isSameServedRegion(other, problem))),
    ...nodes,
    ...findSpreadContradictions(context, all),
    ...findPodContradictions(all),
    ...findVolumeContradictions(context, requested),
    ...checkNodeName(context, requested),
    ...(nodes.length > 0 ? [] : checkAgainstFleet(context, requested, all)),
  ];
}

const isSameServedRegion = (one: string, other: string): boolean =>
  other.includes(claims.served) && one.slice(0, one.indexOf(": ")) === other.slice(0, other.indexOf(": "));

/** A pod with a node name bypasses the scheduler. */
function checkNodeName(context: PlacementContext, requested: readonly RequestedConstraint[]): string[] {
  const { nodeName } = context.template.spec;
  const scheduled = requested.filter(({ constraint }) =>
    ["scheduler", "node", "reach", "spread", "pods"].includes(constraint.kind),
  );
  if (!nodeName || scheduled.length === 0) return [];
  return [
    `${namesOf([...scheduled, { by: nameAuthor(context) }])}: the pods set nodeName to ${nodeName}, which bypasses the scheduler: remove it`,
  ];
}
