import { isDeepStrictEqual } from "node:util";

import { valuesInCommon } from "./agree-on-nodes";
import { apartFromSelf } from "./apart-from-self";
import { authorOf } from "./authored";
import { DOMAIN_KEYS, NARROWEST_FIRST, subjectOf } from "./domains";
import { type Facts, type NodePiece, ofKind, type ReachPiece, type SpreadPiece, type Wanted } from "./intent";
import { namesOf } from "./names";
import { podSelectorOf } from "./workload";

/** Spreads over what the pods are kept to one of, and spreads that the author states differently. */
export function agreeOnSpread(facts: Facts, all: readonly Wanted[]): string[] {
  const nodes = ofKind(all, "node", "reach");
  const spreads = ofKind(all, "spread");
  return [
    ...[...spreads, ...apartFromSelf(facts, all)].flatMap((spread) => tooNarrow(spread, nodes)),
    ...spreads.flatMap((spread) => ownSpread(facts, spread)),
  ];
}

function tooNarrow(spread: Wanted<SpreadPiece>, nodes: readonly Wanted<NodePiece | ReachPiece>[]): string[] {
  const { over, minDomains = 2 } = spread.piece;
  const keepers = nodes.filter(
    ({ piece }) => piece.values !== undefined && subjectOf(piece.key) === subjectOf(DOMAIN_KEYS[over]),
  );
  const domains = valuesInCommon(keepers);
  if (domains === undefined || domains.length === 0 || domains.length >= minDomains) return [];
  return [
    `${namesOf([spread, ...keepers])}: pods that are kept to ${domains.join(", ")} cannot be spread over ` +
      `${minDomains} ${over}s: leave one of the two out`,
  ];
}

/** The API takes one constraint for each label and answer, and the author's would have to change. */
function ownSpread(facts: Facts, { by, piece }: Wanted<SpreadPiece>): string[] {
  const { maxSkew, minDomains, whenUnsatisfiable, over } = piece;
  const own = (facts.template.spec.topologySpreadConstraints ?? []).find(
    (each) => each.topologyKey === DOMAIN_KEYS[over] && each.whenUnsatisfiable === whenUnsatisfiable,
  );
  if (!own) return [];
  const same =
    own.maxSkew === maxSkew &&
    own.minDomains === minDomains &&
    isDeepStrictEqual(own.labelSelector, podSelectorOf(facts.object));
  return same
    ? []
    : [
        `${namesOf([{ by }, { by: authorOf(facts) }])}: the object spreads its pods over ${DOMAIN_KEYS[over]} already, ` +
          `with maxSkew ${own.maxSkew}: leave one of the two out`,
      ];
}

/** Whether one spread asks for all that another one does. */
function covers(one: SpreadPiece, other: SpreadPiece): boolean {
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
export function strictest(spreads: readonly SpreadPiece[]): SpreadPiece[] {
  const merged = new Map<string, SpreadPiece>();
  for (const piece of spreads) {
    const key = `${piece.over} ${piece.whenUnsatisfiable}`;
    const other = merged.get(key) ?? piece;
    const minDomains = Math.max(piece.minDomains ?? 0, other.minDomains ?? 0);
    merged.set(key, {
      kind: "spread",
      over: piece.over,
      maxSkew: Math.min(piece.maxSkew, other.maxSkew),
      whenUnsatisfiable: piece.whenUnsatisfiable,
      ...(minDomains > 0 && { minDomains }),
    });
  }
  const all = [...merged.values()];
  return all
    .filter((piece) => !all.some((other) => other !== piece && covers(other, piece)))
    .sort(
      (a, b) =>
        NARROWEST_FIRST.indexOf(b.over) - NARROWEST_FIRST.indexOf(a.over) ||
        (a.whenUnsatisfiable < b.whenUnsatisfiable ? -1 : 1),
    );
}
