import { annotations, labels } from "../../fleet/labels";
import { selectKind, type ValueConstraint, type RequestedConstraint } from "../model/constraint";
import { namesOf, pairsOf } from "../model/names";

/** Fields of which a claim says what they mean, so that a contradiction is told once. */
const CLAIMED: readonly string[] = [labels.requiredRegion, annotations.nearRegion, annotations.fallbackRegions];

/** Values that can be set once: two who want different ones contradict. */
export function agreeOnValues(all: readonly RequestedConstraint[]): string[] {
  const values = selectKind(all, "label", "annotation", "claim", "scheduler", "priority", "replicas").filter(
    ({ constraint }) => constraint.kind === "claim" || !("key" in constraint) || !CLAIMED.includes(constraint.key),
  );
  const subjects = new Map<string, RequestedConstraint<ValueConstraint>[]>();
  for (const each of values)
    subjects.set(subject(each.constraint), [...(subjects.get(subject(each.constraint)) ?? []), each]);
  return [...subjects].flatMap(([what, wanted]) =>
    pairsOf(distinct(wanted))
      .filter(([a, b]) => a.constraint.value !== b.constraint.value)
      .map(([a, b]) => `${namesOf([a, b])}: ${what} can be one only: got ${text(a)} and ${text(b)}`),
  );
}

function subject(constraint: ValueConstraint): string {
  switch (constraint.kind) {
    case "claim":
      return constraint.key;
    case "label":
    case "annotation":
      return `the pods' ${constraint.kind} ${constraint.key}`;
    case "scheduler":
      return "the scheduler";
    case "priority":
      return "the priority class";
    case "replicas":
      return "the number of replicas";
  }
}

/** One of each value and owner, in a fixed order. */
function distinct(wanted: readonly RequestedConstraint<ValueConstraint>[]): RequestedConstraint<ValueConstraint>[] {
  const byText = new Map(wanted.map((each) => [`${each.by}\0${each.constraint.value}`, each]));
  return [...byText.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

const text = ({ by, constraint }: RequestedConstraint<ValueConstraint>): string =>
  `${JSON.stringify(constraint.value)} by ${by}`;
