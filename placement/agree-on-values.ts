import { annotations, labels } from "../fleet/labels";
import { ofKind, type ValuePiece, type Wanted } from "./intent";
import { namesOf, pairsOf } from "./names";

/** Fields of which a claim says what they mean, so that a contradiction is told once. */
const CLAIMED: readonly string[] = [labels.requiredRegion, annotations.nearRegion, annotations.fallbackRegions];

/** Values that can be set once: two who want different ones contradict. */
export function agreeOnValues(all: readonly Wanted[]): string[] {
  const values = ofKind(all, "label", "annotation", "claim", "scheduler", "priority", "replicas").filter(
    ({ piece }) => piece.kind === "claim" || !("key" in piece) || !CLAIMED.includes(piece.key),
  );
  const subjects = new Map<string, Wanted<ValuePiece>[]>();
  for (const each of values) subjects.set(subject(each.piece), [...(subjects.get(subject(each.piece)) ?? []), each]);
  return [...subjects].flatMap(([what, wanted]) =>
    pairsOf(distinct(wanted))
      .filter(([a, b]) => a.piece.value !== b.piece.value)
      .map(([a, b]) => `${namesOf([a, b])}: ${what} can be one only: got ${text(a)} and ${text(b)}`),
  );
}

function subject(piece: ValuePiece): string {
  switch (piece.kind) {
    case "claim":
      return piece.key;
    case "label":
    case "annotation":
      return `the pods' ${piece.kind} ${piece.key}`;
    case "scheduler":
      return "the scheduler";
    case "priority":
      return "the priority class";
    case "replicas":
      return "the number of replicas";
  }
}

/** One of each value and owner, in a fixed order. */
function distinct(wanted: readonly Wanted<ValuePiece>[]): Wanted<ValuePiece>[] {
  const byText = new Map(wanted.map((each) => [`${each.by}\0${each.piece.value}`, each]));
  return [...byText.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

const text = ({ by, piece }: Wanted<ValuePiece>): string => `${JSON.stringify(piece.value)} by ${by}`;
