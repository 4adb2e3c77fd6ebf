import type { V1NodeSelectorRequirement, V1NodeSelectorTerm, V1PodSpec } from "@kubernetes/client-node";
import { isDeepStrictEqual } from "node:util";

import type { PlacementContext, NodeConstraint, PlacementConstraint, ReachConstraint } from "../model/constraint";

/** Writes node constraints to the pod: one value to the node selector, several values to every term of the node affinity. */
export function applyNodes(
  { perNode, template: { spec } }: PlacementContext,
  constraints: readonly PlacementConstraint[],
): void {
  const own = spec.topologySpreadConstraints ?? [];
  const hasStrictSpread = [...constraints.filter(({ kind }) => kind === "spread"), ...own].some(
    (each) => (each as { whenUnsatisfiable?: string }).whenUnsatisfiable === "DoNotSchedule",
  );
  const required = constraints.filter(
    (constraint): constraint is NodeConstraint | ReachConstraint =>
      constraint.kind === "node" || (constraint.kind === "reach" && (perNode || hasStrictSpread)),
  );
  const expressions = [...new Set(required.map(({ key }) => key))].sort().flatMap((key) => {
    const values = intersect(required.filter((each) => each.key === key));
    if (values?.length === 1) {
      spec.nodeSelector = { ...spec.nodeSelector, [key]: values[0]! };
      return [];
    }
    // The author's node selector is narrower.
    if (spec.nodeSelector?.[key] !== undefined) return [];
    return [values ? { key, operator: "In", values: [...values] } : { key, operator: "Exists" }];
  });
  if (expressions.length > 0) requireNodes(spec, expressions);
  constraints.forEach((constraint) => {
    if (constraint.kind === "prefer") preferNodes(spec, constraint);
  });
}

/** Returns the values that all constraints allow, sorted, or undefined if they allow any. */
function intersect(constraints: readonly (NodeConstraint | ReachConstraint)[]): string[] | undefined {
  const lists = constraints.flatMap(({ values }) => (values ? [values] : []));
  const [first] = lists;
  return first && [...new Set(first.filter((value) => lists.every((values) => values.includes(value))))].sort();
}

/**
 * Adds expressions to every term, because terms are alternatives. An empty term matches no node and stays empty: with
 * expressions it would match some.
 */
function requireNodes(spec: V1PodSpec, expressions: readonly V1NodeSelectorRequirement[]): void {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const nodeSelectorTerms = required?.nodeSelectorTerms.map((term): V1NodeSelectorTerm => {
    const own = term.matchExpressions ?? [];
    if (own.length + (term.matchFields ?? []).length === 0) return term;
    const added = expressions.filter((each) => !own.some((expression) => isDeepStrictEqual(expression, each)));
    return { ...term, matchExpressions: [...own, ...added] };
  }) ?? [{ matchExpressions: [...expressions] }];
  spec.affinity = {
    ...spec.affinity,
    nodeAffinity: {
      ...spec.affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms },
    },
  };
}

function preferNodes(spec: V1PodSpec, { key, values, weight }: Extract<PlacementConstraint, { kind: "prefer" }>): void {
  const own = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const added = { weight, preference: { matchExpressions: [{ key, operator: "In", values: [...values].sort() }] } };
  if (own.some((each) => isDeepStrictEqual(each, added))) return;
  spec.affinity = {
    ...spec.affinity,
    nodeAffinity: {
      ...spec.affinity?.nodeAffinity,
      preferredDuringSchedulingIgnoredDuringExecution: [...own, added],
    },
  };
}
