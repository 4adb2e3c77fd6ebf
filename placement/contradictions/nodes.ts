import { labels } from "../../fleet/labels";
import { nameAuthor } from "../model/authored";
import { demandsOf, nodeText } from "../model/demands";
import { subjectOf } from "../model/domains";
import {
  type PlacementContext,
  type NodeConstraint,
  selectKind,
  type ReachConstraint,
  type RequestedConstraint,
} from "../model/constraint";
import { namesOf, pairsOf } from "../model/names";

type Demanded = RequestedConstraint<NodeConstraint | ReachConstraint>;

/** Nodes that two ask for, and that none can be: two regions, two devices, or what the author's affinity rules out. */
export function agreeOnNodes(context: PlacementContext, all: readonly RequestedConstraint[]): string[] {
  const demanded = selectKind(all, "node", "reach");
  const subjects = new Map<string, Demanded[]>();
  for (const each of demanded) {
    const subject = subjectOf(each.constraint.key);
    subjects.set(subject, [...(subjects.get(subject) ?? []), each]);
  }
  return [...[...subjects.values()].flatMap(disagreements), ...ruledOut(context, demanded)];
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
export function valuesInCommon(
  wanted: readonly RequestedConstraint<NodeConstraint | ReachConstraint>[],
): readonly string[] | undefined {
  return wanted.reduce<readonly string[] | undefined>((common, { constraint: { values } }) => {
    if (values === undefined) return common;
    return common === undefined ? values : common.filter((value) => values.includes(value));
  }, undefined);
}

/** The author's required terms are alternatives: they contradict a demand when none of them leaves room for it. */
function ruledOut(context: PlacementContext, demanded: readonly Demanded[]): string[] {
  return demanded
    .filter(({ by }) => by !== nameAuthor(context))
    .flatMap((each) => {
      const { key, values } = each.constraint;
      const implied = (value: string) => ({
        [key]: value,
        ...(key === labels.edgeRegion && { [labels.topologyRegion]: value }),
      });
      const [affinity] = demandsOf(context, [], (other) => other in implied(""));
      if (!affinity || !values || values.some((value) => affinity.allows(implied(value)))) return [];
      return [`${namesOf([each, affinity])}: the object's required node affinity rules out ${nodeText(key, values)}`];
    });
}

const text = ({ by, constraint: { key, values } }: Demanded): string => `${nodeText(key, values)} by ${by}`;
