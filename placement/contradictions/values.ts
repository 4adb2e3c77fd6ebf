import { annotations, labels } from "../../fleet/labels";
import { selectKind, type ValueConstraint, type RequestedConstraint } from "../model/constraint";
import { namesOf, pairsOf } from "../model/names";

/** Fields for which a claim exists too. Only the claim is compared, so that a contradiction is reported once. */
const CLAIMED: readonly string[] = [labels.requiredRegion, annotations.nearRegion, annotations.fallbackRegions];

/** Finds values that can be set only once, but for which different values are requested. */
export function findValueContradictions(all: readonly RequestedConstraint[]): string[] {
  const values = selectKind(
    all,
    "label",
    "annotation",
    "object-annotation",
    "claim",
    "scheduler",
    "priority",
    "replicas",
  ).filter(
    ({ constraint }) => constraint.kind === "claim" || !("key" in constraint) || !CLAIMED.includes(constraint.key),
  );
  const subjects = new Map<string, RequestedConstraint<ValueConstraint>[]>();
  for (const request of values) {
    const name = nameOf(request.constraint);
    subjects.set(name, [...(subjects.get(name) ?? []), request]);
  }
  return [...subjects].flatMap(([name, requests]) =>
    pairsOf(deduplicate(requests))
      .filter(([a, b]) => a.constraint.value !== b.constraint.value)
      .map(([a, b]) => `${namesOf([a, b])}: ${name} must have one value, got ${describe(a)} and ${describe(b)}`),
  );
}

function nameOf(constraint: ValueConstraint): string {
  switch (constraint.kind) {
    case "claim":
      return constraint.key;
    case "label":
    case "annotation":
      return `pod ${constraint.kind} ${constraint.key}`;
    case "object-annotation":
      return `annotation ${constraint.key}`;
    case "scheduler":
      return "schedulerName";
    case "priority":
      return "priorityClassName";
    case "replicas":
      return "replicas";
  }
}

/** Keeps one request per construct and value, in a fixed order. */
function deduplicate(
  requests: readonly RequestedConstraint<ValueConstraint>[],
): RequestedConstraint<ValueConstraint>[] {
  const byText = new Map(requests.map((each) => [`${each.by}\0${each.constraint.value}`, each]));
  return [...byText.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

const describe = ({ by, constraint }: RequestedConstraint<ValueConstraint>): string =>
  `${JSON.stringify(constraint.value)} from ${by}`;
