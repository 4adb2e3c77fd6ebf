import type { V1Taint, V1Toleration } from "@kubernetes/client-node";

/** A taint as a `FleetNodePool` states it. */
export type Taint = Pick<V1Taint, "key" | "value" | "effect">;

/** Whether a toleration matches a taint. Source: k8s.io/api v0.36.3, core/v1, Toleration.ToleratesTaint. */
export function tolerates({ key, operator, value, effect }: V1Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  switch (operator ?? "") {
    case "":
    case "Equal":
      return (value ?? "") === (taint.value ?? "");
    case "Exists":
      return true;
    // `Gt` and `Lt` are behind a feature gate that is off up to 1.37.
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
