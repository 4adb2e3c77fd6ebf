import { labels } from "../fleet/labels";
import { authorOf } from "./authored";
import { demandsOf, nodeText } from "./demands";
import { subjectOf } from "./domains";
import { type Facts, type NodePiece, ofKind, type ReachPiece, type Wanted } from "./intent";
import { namesOf, pairsOf } from "./names";

type Demanded = Wanted<NodePiece | ReachPiece>;

/** Nodes that two ask for, and that none can be: two regions, two devices, or what the author's affinity rules out. */
export function agreeOnNodes(facts: Facts, all: readonly Wanted[]): string[] {
  const demanded = ofKind(all, "node", "reach");
  const subjects = new Map<string, Demanded[]>();
  for (const each of demanded) {
    const subject = subjectOf(each.piece.key);
    subjects.set(subject, [...(subjects.get(subject) ?? []), each]);
  }
  return [...[...subjects.values()].flatMap(disagreements), ...ruledOut(facts, demanded)];
}

function disagreements(wanted: readonly Demanded[]): string[] {
  const pairs = pairsOf(wanted).filter(([a, b]) => valuesInCommon([a, b])?.length === 0);
  if (pairs.length > 0) {
    return pairs.map(([a, b]) => `${namesOf([a, b])}: no node is both: got ${text(a)} and ${text(b)}`);
  }
  return valuesInCommon(wanted)?.length === 0
    ? [`${namesOf(wanted)}: no node is all of these: got ${wanted.map(text).sort().join(", ")}`]
    : [];
}

/** Values that all of them allow; undefined when any value will do. */
export function valuesInCommon(wanted: readonly Wanted<NodePiece | ReachPiece>[]): readonly string[] | undefined {
  return wanted.reduce<readonly string[] | undefined>((common, { piece: { values } }) => {
    if (values === undefined) return common;
    return common === undefined ? values : common.filter((value) => values.includes(value));
  }, undefined);
}

/** The author's required terms are alternatives: they contradict a demand when none of them leaves room for it. */
function ruledOut(facts: Facts, demanded: readonly Demanded[]): string[] {
  return demanded
    .filter(({ by }) => by !== authorOf(facts))
    .flatMap((each) => {
      const { key, values } = each.piece;
      const implied = (value: string) => ({
        [key]: value,
        ...(key === labels.edgeRegion && { [labels.topologyRegion]: value }),
      });
      const [affinity] = demandsOf(facts, [], (other) => other in implied(""));
      if (!affinity || !values || values.some((value) => affinity.allows(implied(value)))) return [];
      return [`${namesOf([each, affinity])}: the object's required node affinity rules out ${nodeText(key, values)}`];
    });
}

const text = ({ by, piece: { key, values } }: Demanded): string => `${nodeText(key, values)} by ${by}`;
