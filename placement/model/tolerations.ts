import type { V1Toleration } from "@kubernetes/client-node";
import type { k8s } from "cdk8s-plus-27";
import type { NodePoolSpec, Taint } from "../../fleet/model";

/** Taints that keep a pod off a node, or drive it away; a `PreferNoSchedule` needs no toleration. */
export function hardTaints(taints: readonly Taint[]): Taint[] {
  return taints.filter(({ effect }) => effect !== "PreferNoSchedule");
}

/** The tolerations that match exactly these taints: each once, in a fixed order. */
export function tolerationsFor(taints: readonly Taint[]): k8s.Toleration[] {
  const byKey = new Map(
    taints.map(({ key, value, effect }) => [[key, value, effect].join("\0"), { key, value, effect }]),
  );
  return [...byKey.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { key, value, effect }]) => ({ key, operator: "Equal", value, effect }));
}

/** Whether a toleration matches a taint, as Kubernetes decides: no key and no effect mean any. */
export function tolerates({ key, operator, value = "", effect }: V1Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  return operator === "Exists" || (Boolean(key) && value === taint.value);
}

/**
 * The fewest taints a pod has to tolerate to have a node among these pools: none if any pool is open to all, else those
 * of the pool with the fewest (the first by name, if several). Other pools' taints go on keeping it away.
 */
export function fewestTaints(pools: readonly NodePoolSpec[]): Taint[] {
  const [first] = pools
    .map(({ name, taints }) => ({ name, taints: hardTaints(taints) }))
    .sort((a, b) => a.taints.length - b.taints.length || (a.name < b.name ? -1 : 1));
  return first?.taints ?? [];
}
