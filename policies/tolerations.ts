import type { V1Taint, V1Toleration } from "@kubernetes/client-node";

/** A taint as a `NodePool` states it. */
export type Taint = Pick<V1Taint, "key" | "value" | "effect">;

/** Order of two whole numbers in text; undefined where one of them is none. */
function order(a: string | undefined, b: string | undefined): number | undefined {
  const whole = /^[+-]?\d+$/;
  return whole.test(a ?? "") && whole.test(b ?? "") ? Number(a) - Number(b) : undefined;
}

/** Whether a toleration matches a taint. Source: k8s.io/component-helpers, scheduling/corev1, TolerationsTolerateTaint. */
export function tolerates({ key, operator, value, effect }: V1Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  switch (operator ?? "Equal") {
    case "":
    case "Equal":
      return (value ?? "") === (taint.value ?? "");
    case "Exists":
      return true;
    case "Lt":
      return (order(taint.value, value) ?? 0) < 0;
    case "Gt":
      return (order(taint.value, value) ?? 0) > 0;
    default:
      return false;
  }
}

/** Taints that keep a pod with these tolerations off a node, or drive it away. */
export function repelling(taints: readonly Taint[], tolerations: readonly V1Toleration[] = []): Taint[] {
  return taints.filter(
    (taint) => taint.effect !== "PreferNoSchedule" && !tolerations.some((each) => tolerates(each, taint)),
  );
}

/**
 * Whether Kubernetes or K3s sets a taint itself, whatever pools say. Source: Kubernetes documentation, "Well-Known Labels,
 * Annotations and Taints"; K3s documentation, "Requirements", on `CriticalAddonsOnly`.
 */
export function isKnownTaint(key: string): boolean {
  return (
    key === "CriticalAddonsOnly" ||
    key.startsWith("node.kubernetes.io/") ||
    key.startsWith("node.cloudprovider.kubernetes.io/") ||
    key === "node-role.kubernetes.io/control-plane" ||
    key === "node-role.kubernetes.io/master" ||
    key === "node-role.kubernetes.io/etcd"
  );
}
