import type { V1NodeSelectorRequirement, V1NodeSelectorTerm, V1PodSpec } from "@kubernetes/client-node";

import { isValidRequirement, type Labels, matchesRequirement, type Requirement } from "./requirements";

/** Returns the terms of a pod's required node affinity, one of which must match; undefined if it has none. */
export const requiredTerms = ({ affinity }: V1PodSpec): V1NodeSelectorTerm[] | undefined =>
  affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;

/** Reports whether a label's value may be any, such as the architecture of nodes that are not there yet. */
export type IsUndetermined = (key: string) => boolean;

/** What the scheduler reads of a node to match a pod's node selector and node affinity. */
export interface LabeledNode {
  /** Absent if any name is possible: conditions on the name are then met. */
  readonly name?: string;
  readonly labels: Labels;
}

/** The API takes exactly one value for a field. */
function matchesField({ key, operator, values }: V1NodeSelectorRequirement, name: string | undefined): boolean {
  const [value, ...more] = values ?? [];
  if (value === undefined || more.length > 0) return false;
  const actual = key === "metadata.name" ? name : "";
  if (operator === "In") return name === undefined || actual === value;
  return operator === "NotIn" && (name === undefined || actual !== value);
}

/** Reports whether a node matches a term. An empty term matches no node, and so does one with an invalid requirement. */
export function matchesTerm(
  { name, labels }: LabeledNode,
  { matchExpressions, matchFields }: V1NodeSelectorTerm,
  isUndetermined: IsUndetermined = () => false,
): boolean {
  if (!matchExpressions?.length && !matchFields?.length) return false;
  return (
    (matchFields ?? []).every((each) => matchesField(each, name)) &&
    (matchExpressions ?? []).every((each) =>
      isUndetermined(each.key) ? isValidRequirement(each) : matchesRequirement(labels, each),
    )
  );
}

/**
 * Reports whether a node matches a pod's `nodeSelector` and required node affinity.
 *
 * @param isUndetermined labels whose conditions count as met. Defaults to none.
 * @see k8s.io/component-helpers/scheduling/corev1/nodeaffinity, RequiredNodeAffinity
 */
export function matchesNodeAffinity(
  pod: V1PodSpec,
  node: LabeledNode,
  isUndetermined: IsUndetermined = () => false,
): boolean {
  const selector = Object.entries(pod.nodeSelector ?? {});
  if (!selector.every(([key, value]) => isUndetermined(key) || node.labels[key] === value)) return false;
  const terms = requiredTerms(pod);
  return terms === undefined || terms.some((term) => matchesTerm(node, term, isUndetermined));
}

/**
 * Reports whether every node that a pod matches meets a requirement for which `matches` holds: its node selector has one,
 * or each term of its required node affinity.
 */
export function requiresOfNodes(pod: V1PodSpec, matches: (requirement: Requirement) => boolean): boolean {
  const selector = Object.entries(pod.nodeSelector ?? {});
  if (selector.some(([key, value]) => matches({ key, operator: "In", values: [value] }))) return true;
  const terms = requiredTerms(pod) ?? [];
  return terms.length > 0 && terms.every(({ matchExpressions }) => (matchExpressions ?? []).some(matches));
}
