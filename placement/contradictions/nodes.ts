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

type NodeRequest = RequestedConstraint<NodeConstraint | ReachConstraint>;

/** Finds constraints that no node can meet together, or that the object's node affinity excludes. */
export function findNodeContradictions(context: PlacementContext, all: readonly RequestedConstraint[]): string[] {
  const requests = selectKind(all, "node", "reach");
  const subjects = new Map<string, NodeRequest[]>();
  for (const request of requests) {
    const subject = subjectOf(request.constraint.key);
    subjects.set(subject, [...(subjects.get(subject) ?? []), request]);
  }
  return [...[...subjects.values()].flatMap(findDisagreements), ...findExcluded(context, requests)];
}

function findDisagreements(constraints: readonly NodeRequest[]): string[] {
  const pairs = pairsOf(constraints).filter(([a, b]) => intersectValues([a, b])?.length === 0);
  if (pairs.length > 0) {
    return pairs.map(([a, b]) => `${namesOf([a, b])}: no node has both ${describe(a)} and ${describe(b)}`);
  }
  return intersectValues(constraints)?.length === 0
    ? [`${namesOf(constraints)}: no node has all of: ${constraints.map(describe).sort().join(", ")}`]
    : [];
}

/** Returns the values that all constraints allow, or undefined if they allow any. */
export function intersectValues(
  constraints: readonly RequestedConstraint<NodeConstraint | ReachConstraint>[],
): readonly string[] | undefined {
  return constraints.reduce<readonly string[] | undefined>((common, { constraint: { values } }) => {
    if (values === undefined) return common;
    return common === undefined ? values : common.filter((value) => values.includes(value));
  }, undefined);
}

/** Finds constraints that no term of the object's required node affinity permits. */
function findExcluded(context: PlacementContext, requests: readonly NodeRequest[]): string[] {
  return requests
    .filter(({ by }) => by !== nameAuthor(context))
    .flatMap((each) => {
      const { key, values } = each.constraint;
      const impliedLabels = (value: string) => ({
        [key]: value,
        ...(key === labels.edgeRegion && { [labels.topologyRegion]: value }),
      });
      const [affinity] = demandsOf(context, [], (other) => other in impliedLabels(""));
      if (!affinity || !values || values.some((value) => affinity.allows(impliedLabels(value)))) return [];
      return [`${namesOf([each, affinity])}: the object's required node affinity excludes ${nodeText(key, values)}`];
    });
}

const describe = ({ by, constraint: { key, values } }: NodeRequest): string => `${nodeText(key, values)} from ${by}`;
