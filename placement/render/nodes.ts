import type { V1NodeSelectorRequirement, V1NodeSelectorTerm, V1PodSpec } from "@kubernetes/client-node";
import { isDeepStrictEqual } from "node:util";

import type { PlacementContext, NodeConstraint, PlacementConstraint, ReachConstraint } from "../model/constraint";

/** Puts demands on nodes into the pod: one value as a node selector, several into every term of the node affinity. */
export function applyNodes(
  { perNode, template: { spec } }: PlacementContext,
  constraints: readonly PlacementConstraint[],
): void {
  const own = spec.topologySpreadConstraints ?? [];
  const counted = [...constraints.filter(({ kind }) => kind === "spread"), ...own].some(
    (each) => (each as { whenUnsatisfiable?: string }).whenUnsatisfiable === "DoNotSchedule",
  );
  const demanded = constraints.filter(
    (constraint): constraint is NodeConstraint | ReachConstraint =>
      constraint.kind === "node" || (constraint.kind === "reach" && (perNode || counted)),
  );
  const expressions = [...new Set(demanded.map(({ key }) => key))].sort().flatMap((key) => {
    const values = inCommon(demanded.filter((each) => each.key === key));
    if (values?.length === 1) {
      spec.nodeSelector = { ...spec.nodeSelector, [key]: values[0]! };
      return [];
    }
    // The author's selector says it, and more.
    if (spec.nodeSelector?.[key] !== undefined) return [];
    return [values ? { key, operator: "In", values: [...values] } : { key, operator: "Exists" }];
  });
  if (expressions.length > 0) demand(spec, expressions);
  constraints.forEach((constraint) => {
    if (constraint.kind === "prefer") prefer(spec, constraint);
  });
}

/** Sorted; undefined when any value will do. */
function inCommon(demanded: readonly (NodeConstraint | ReachConstraint)[]): string[] | undefined {
  const stated = demanded.flatMap(({ values }) => (values ? [values] : []));
  const [first] = stated;
  return first && [...new Set(first.filter((value) => stated.every((values) => values.includes(value))))].sort();
}

/**
 * Terms are alternatives, so a demand goes into each of them. A term that says nothing matches no node; with our
 * expressions in it, it would match some.
 */
function demand(spec: V1PodSpec, expressions: readonly V1NodeSelectorRequirement[]): void {
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

function prefer(spec: V1PodSpec, { key, values, weight }: Extract<PlacementConstraint, { kind: "prefer" }>): void {
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
