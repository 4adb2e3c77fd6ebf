import { isDeepStrictEqual } from "node:util";

import { intersectValues } from "./nodes";
import { apartFromSelf } from "../model/apart-from-self";
import { nameAuthor } from "../model/authored";
import { DOMAIN_KEYS, NARROWEST_FIRST, subjectOf } from "../model/domains";
import {
  type PlacementContext,
  type NodeConstraint,
  selectKind,
  type ReachConstraint,
  type SpreadConstraint,
  type RequestedConstraint,
} from "../model/constraint";
import { namesOf } from "../model/names";
import { podSelectorOf } from "../model/workload";

/** Finds spreads over more domains than the pods may use, and spreads that differ from one of the object's own. */
export function findSpreadContradictions(context: PlacementContext, all: readonly RequestedConstraint[]): string[] {
  const nodes = selectKind(all, "node", "reach");
  const spreads = selectKind(all, "spread");
  return [
    ...[...spreads, ...apartFromSelf(context, all)].flatMap((spread) => checkDomains(spread, nodes)),
    ...spreads.flatMap((spread) => checkAuthoredSpread(context, spread)),
  ];
}

function checkDomains(
  spread: RequestedConstraint<SpreadConstraint>,
  nodes: readonly RequestedConstraint<NodeConstraint | ReachConstraint>[],
): string[] {
  const { over, minDomains = 2 } = spread.constraint;
  const restrictions = nodes.filter(
    ({ constraint }) => constraint.values !== undefined && subjectOf(constraint.key) === subjectOf(DOMAIN_KEYS[over]),
  );
  const domains = intersectValues(restrictions);
  if (domains === undefined || domains.length === 0 || domains.length >= minDomains) return [];
  return [
    `${namesOf([spread, ...restrictions])}: pods restricted to ${domains.join(", ")} cannot be spread over ` +
      `${minDomains} ${over}s: remove one placement`,
  ];
}

/** Kubernetes allows one constraint per topology key and action, and placements do not change what the author set. */
function checkAuthoredSpread(
  context: PlacementContext,
  { by, constraint }: RequestedConstraint<SpreadConstraint>,
): string[] {
  const { maxSkew, minDomains, whenUnsatisfiable, over } = constraint;
  const own = (context.template.spec.topologySpreadConstraints ?? []).find(
    (each) => each.topologyKey === DOMAIN_KEYS[over] && each.whenUnsatisfiable === whenUnsatisfiable,
  );
  if (!own) return [];
  const same =
    own.maxSkew === maxSkew &&
    own.minDomains === minDomains &&
    isDeepStrictEqual(own.labelSelector, podSelectorOf(context.object));
  return same
    ? []
    : [
        `${namesOf([{ by }, { by: nameAuthor(context) }])}: the object already spreads its pods over ${DOMAIN_KEYS[over]} ` +
          `with maxSkew ${own.maxSkew}: remove one of the two`,
      ];
}

/** Reports whether one spread implies another. */
function implies(one: SpreadConstraint, other: SpreadConstraint): boolean {
  const asStrict = one.whenUnsatisfiable === "DoNotSchedule" || other.whenUnsatisfiable === "ScheduleAnyway";
  return (
    asStrict &&
    one.over === other.over &&
    one.maxSkew <= other.maxSkew &&
    (one.minDomains ?? 1) >= (other.minDomains ?? 1)
  );
}

/**
 * Merges spreads into one per domain and action, as Kubernetes requires, and removes those that another one implies.
 * Returns the widest domain first.
 */
export function mergeSpreads(spreads: readonly SpreadConstraint[]): SpreadConstraint[] {
  const merged = new Map<string, SpreadConstraint>();
  for (const constraint of spreads) {
    const key = `${constraint.over} ${constraint.whenUnsatisfiable}`;
    const other = merged.get(key) ?? constraint;
    const minDomains = Math.max(constraint.minDomains ?? 0, other.minDomains ?? 0);
    merged.set(key, {
      kind: "spread",
      over: constraint.over,
      maxSkew: Math.min(constraint.maxSkew, other.maxSkew),
      whenUnsatisfiable: constraint.whenUnsatisfiable,
      ...(minDomains > 0 && { minDomains }),
    });
  }
  const all = [...merged.values()];
  return all
    .filter((constraint) => !all.some((other) => other !== constraint && implies(other, constraint)))
    .sort(
      (a, b) =>
        NARROWEST_FIRST.indexOf(b.over) - NARROWEST_FIRST.indexOf(a.over) ||
        (a.whenUnsatisfiable < b.whenUnsatisfiable ? -1 : 1),
    );
}
