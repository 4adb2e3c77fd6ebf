import type { V1LabelSelector } from "@kubernetes/client-node";

import { meets } from "../../fleet/kubernetes/requirements";

type Labels = Readonly<Record<string, string>>;

/** Whether a selector matches labels; an empty one matches all. */
export function matchesSelector({ matchLabels = {}, matchExpressions = [] }: V1LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((each) => meets(labels, each))
  );
}

interface Entry<T> {
  readonly item: T;
  readonly selector: V1LabelSelector;
}

const pairs = (namespace: string, labels: Labels): string[] =>
  Object.entries(labels).map(([key, value]) => `${namespace}\0${key}\0${value}`);

/**
 * Finds the selectors that match a pod without asking each: they lie under the rarest of their labels, so that what
 * thousands of them share costs nothing.
 */
export class Selectors<T> {
  private readonly byPair = new Map<string, Entry<T>[]>();
  /** Those without a label to look for, by namespace. */
  private readonly others = new Map<string, Entry<T>[]>();

  constructor(items: readonly (Entry<T> & { readonly namespace: string })[]) {
    const frequency = new Map<string, number>();
    const all = items.map((item) => ({ ...item, pairs: pairs(item.namespace, item.selector.matchLabels ?? {}) }));
    for (const pair of all.flatMap((each) => each.pairs)) frequency.set(pair, (frequency.get(pair) ?? 0) + 1);
    for (const { pairs: own, ...item } of all) {
      const [rarest] = own.sort((a, b) => frequency.get(a)! - frequency.get(b)!);
      const [home, key] = rarest === undefined ? [this.others, item.namespace] : [this.byPair, rarest];
      const found = home.get(key);
      if (found) found.push(item);
      else home.set(key, [item]);
    }
  }

  /** What selects a pod of a namespace with these labels. */
  matching(namespace: string, labels: Labels): T[] {
    const candidates = [
      ...(this.others.get(namespace) ?? []),
      ...pairs(namespace, labels).flatMap((pair) => this.byPair.get(pair) ?? []),
    ];
    return candidates.filter(({ selector }) => matchesSelector(selector, labels)).map(({ item }) => item);
  }
}
