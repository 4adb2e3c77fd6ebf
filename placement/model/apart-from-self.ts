import { isDeepStrictEqual } from "node:util";

import { type PlacementContext, selectKind, type SpreadConstraint, type RequestedConstraint } from "./constraint";
import { podSelectorOf } from "./workload";

/**
 * Returns the spread that each required anti-affinity of a workload to its own pods amounts to: the pods need as many
 * domains as there are replicas.
 */
export function apartFromSelf(
  { object, perNode }: PlacementContext,
  all: readonly RequestedConstraint[],
): RequestedConstraint<SpreadConstraint>[] {
  const [replicas] = all.flatMap(({ constraint }) =>
    constraint.kind === "replicas" ? [Number(constraint.value)] : [],
  );
  if (perNode || replicas === undefined || replicas < 2) return [];
  const { matchLabels } = podSelectorOf(object);
  return selectKind(all, "pods")
    .filter(({ constraint }) => constraint.apart && constraint.required && constraint.namespace === undefined)
    .filter(({ constraint }) => isDeepStrictEqual({ ...constraint.labels }, matchLabels))
    .map(({ by, constraint: { domain } }) => ({
      by,
      constraint: {
        kind: "spread",
        over: domain,
        maxSkew: 1,
        minDomains: replicas,
        whenUnsatisfiable: "DoNotSchedule",
      },
    }));
}
