import type { V1NodeSelectorRequirement, V1NodeSelectorTerm } from "@kubernetes/client-node";

import { authorOf } from "./authored";
import { type Facts, ofKind, type Wanted } from "./intent";

/** What somebody wants of a node's labels. */
export interface Demand {
  readonly by: string;
  /** `device-type raspberry-pi-4`. */
  readonly text: string;
  /** Absent for a node affinity. */
  readonly key?: string;
  readonly values?: readonly string[];
  /** Whether nodes with these labels will do. */
  allows(labels: Readonly<Record<string, string>>): boolean;
}

/**
 * Every demand on nodes: those of constructs, and the author's own.
 *
 * @param judged which labels are known of every node; a demand for another one is taken to be met
 */
export function demandsOf(facts: Facts, wanted: readonly Wanted[], judged: (key: string) => boolean): Demand[] {
  const ofLabels = ofKind(wanted, "node", "reach")
    .filter(({ piece: { key } }) => judged(key))
    .map(({ by, piece: { key, values } }): Demand => ({
      by,
      text: nodeText(key, values),
      key,
      ...(values && { values }),
      allows: (labels) => labels[key] !== undefined && (values?.includes(labels[key]) ?? true),
    }));
  const terms = requiredTerms(facts);
  if (terms === undefined) return ofLabels;
  const affinity: Demand = {
    by: authorOf(facts),
    text: "its node affinity",
    allows: (labels) => terms.some((term) => matches(term, labels, judged)),
  };
  return [...ofLabels, affinity];
}

/** A demand as messages put it. */
export function nodeText(key: string, values: readonly string[] | undefined): string {
  return values ? `${key} ${values.join(" or ")}` : `any ${key}`;
}

/** The terms of the author's required node affinity, of which one must hold; undefined when there is none. */
export function requiredTerms({ template }: Pick<Facts, "template">): V1NodeSelectorTerm[] | undefined {
  const required = template.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required?.nodeSelectorTerms;
}

/** Whether a term holds for a node with these labels. One that says nothing holds for none, as in Kubernetes. */
function matches(
  { matchExpressions = [], matchFields = [] }: V1NodeSelectorTerm,
  labels: Readonly<Record<string, string>>,
  judged: (key: string) => boolean,
): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  return matchExpressions.filter(({ key }) => judged(key)).every((expression) => holds(expression, labels));
}

function holds(
  { key, operator, values = [] }: V1NodeSelectorRequirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labels[key];
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return Number(value) > Number(values[0]);
    case "Lt":
      return Number(value) < Number(values[0]);
    default:
      return true;
  }
}
