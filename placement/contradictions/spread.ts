import { isDeepStrictEqual } from "node:util";

import { valuesInCommon } from "./nodes";
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

/** Spreads over what the pods are kept to one of, and spreads that the author states differently. */
export function agreeOnSpread(context: PlacementContext, all: readonly RequestedConstraint[]): string[] {
  const nodes = selectKind(all, "node", "reach");
  const spreads = selectKind(all, "spread");
  return [
    ...[...spreads, ...apartFromSelf(context, all)].flatMap((spread) => tooNarrow(spread, nodes)),
    ...spreads.flatMap((spread) => ownSpread(context, spread)),
  ];
}

function tooNarrow(
  spread: RequestedConstraint<SpreadConstraint>,
  nodes: readonly RequestedConstraint<NodeConstraint | ReachConstraint>[],
): string[] {
  const { over, minDomains = 2 } = spread.constraint;
  const keepers = nodes.filter(
    ({ constraint }) => constraint.values !== undefined && subjectOf(constraint.key) === subjectOf(DOMAIN_KEYS[over]),
  );
  const domains = valuesInCommon(keepers);
  if (domains === undefined || domains.length === 0 || domains.length >= minDomains) return [];
  return [
    `${namesOf([spread, ...keepers])}: pods that are kept to ${domains.join(", ")} cannot be spread over ` +
      `${minDomains} ${over}s: leave one of the two out`,
  ];
}

/** The API takes one constraint for each label and answer, and the author's would have to change. */
function ownSpread(context: PlacementContext, { by, constraint }: RequestedConstraint<SpreadConstraint>): string[] {
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
        `${namesOf([{ by }, { by: nameAuthor(context) }])}: the object spreads its pods over ${DOMAIN_KEYS[over]} already, ` +
          `with maxSkew ${own.maxSkew}: leave one of the two out`,
      ];
}

/** Whether one spread asks for all that another one does. */
function covers(one: SpreadConstraint, other: SpreadConstraint): boolean {
  const asHard = one.whenUnsatisfiable === "DoNotSchedule" || other.whenUnsatisfiable === "ScheduleAnyway";
  return (
    asHard &&
    one.over === other.over &&
    one.maxSkew <= other.maxSkew &&
    (one.minDomains ?? 1) >= (other.minDomains ?? 1)
  );
}

/**
 * The spreads that say all of them: the API takes one for each domain and answer, so of two such the strictest of both
 * is taken; a soft one beside a hard one that asks for more is left out. From the widest domain.
 */
export function strictest(spreads: readonly SpreadConstraint[]): SpreadConstraint[] {
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
    .filter((constraint) => !all.some((other) => other !== constraint && covers(other, constraint)))
    .sort(
      (a, b) =>
        NARROWEST_FIRST.indexOf(b.over) - NARROWEST_FIRST.indexOf(a.over) ||
        (a.whenUnsatisfiable < b.whenUnsatisfiable ? -1 : 1),
    );
}
