import type { V1NodeSelectorTerm, V1PodSpec } from "@kubernetes/client-node";

/** What is asked of one label: by a node's selector, or by that of pods. */
export interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

type Labels = Readonly<Record<string, string>>;

/** How two whole numbers in text differ; undefined where one of them is none. */
function difference(a: string | undefined, b: string | undefined): number | undefined {
  const whole = /^[+-]?\d+$/;
  return whole.test(a ?? "") && whole.test(b ?? "") ? Number(a) - Number(b) : undefined;
}

/** Whether labels meet a requirement. Source: k8s.io/apimachinery, labels.Requirement. */
export function meets(labels: Labels, { key, operator, values = [] }: Requirement): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  const above = (): number => (values.length === 1 ? (difference(value, values[0]) ?? 0) : 0);
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
      return above() > 0;
    case "Lt":
      return above() < 0;
    default:
      return false;
  }
}

/** The terms of a pod's required node affinity, of which one has to hold; undefined when it has none. */
export const requiredTerms = ({ affinity }: V1PodSpec): V1NodeSelectorTerm[] | undefined =>
  affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;

/**
 * Whether a node with these labels meets a term. An empty term matches no node; names of nodes, which `matchFields` speaks
 * of, are taken to be met.
 *
 * @param undecided labels that the node may have or not: what is asked of them is taken to be met
 */
export function meetsTerm(
  labels: Labels,
  { matchExpressions, matchFields }: V1NodeSelectorTerm,
  undecided: (key: string) => boolean,
): boolean {
  if (!matchExpressions?.length && !matchFields?.length) return false;
  return (matchExpressions ?? []).every((each) => undecided(each.key) || meets(labels, each));
}
