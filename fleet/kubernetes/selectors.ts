import type { V1LabelSelector } from "@kubernetes/client-node";

import { type Labels, matchesRequirement } from "./requirements";

/** Operators of label selectors. Those of nodes have `Gt` and `Lt` as well. */
const OPERATORS: readonly string[] = ["In", "NotIn", "Exists", "DoesNotExist"];

/**
 * Reports whether a selector matches labels. An empty one matches all.
 *
 * @see k8s.io/apimachinery/pkg/apis/meta/v1, LabelSelectorAsSelector
 */
export function matchesSelector({ matchLabels, matchExpressions }: V1LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (matchExpressions ?? []).every((each) => OPERATORS.includes(each.operator) && matchesRequirement(labels, each))
  );
}

interface Entry<T> {
  readonly item: T;
  readonly selector: V1LabelSelector;
}

const labelPairs = (namespace: string, labels: Labels): string[] =>
  Object.entries(labels).map(([key, value]) => `${namespace}\0${key}\0${value}`);

/**
 * An index of selectors that finds those that match a pod. Each selector is filed under the rarest of its labels, so that
 * labels that thousands of selectors share cost nothing.
 */
export class Selectors<T> {
  private readonly byPair = new Map<string, Entry<T>[]>();
  /** Selectors without `matchLabels`, by namespace. */
  private readonly others = new Map<string, Entry<T>[]>();

  constructor(items: readonly (Entry<T> & { readonly namespace: string })[]) {
    const frequency = new Map<string, number>();
    const all = items.map((item) => ({ ...item, pairs: labelPairs(item.namespace, item.selector.matchLabels ?? {}) }));
    for (const pair of all.flatMap((each) => each.pairs)) frequency.set(pair, (frequency.get(pair) ?? 0) + 1);
    for (const { pairs, ...item } of all) {
      const [rarest] = pairs.sort((a, b) => frequency.get(a)! - frequency.get(b)!);
      const [index, key] = rarest === undefined ? [this.others, item.namespace] : [this.byPair, rarest];
      const entries = index.get(key);
      if (entries) entries.push(item);
      else index.set(key, [item]);
    }
  }

  /** Returns the items whose selector matches a pod with these labels in the namespace. */
  matching(namespace: string, labels: Labels): T[] {
    const candidates = [
      ...(this.others.get(namespace) ?? []),
      ...labelPairs(namespace, labels).flatMap((pair) => this.byPair.get(pair) ?? []),
    ];
    return candidates.filter(({ selector }) => matchesSelector(selector, labels)).map(({ item }) => item);
  }
}
