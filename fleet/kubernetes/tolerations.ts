import type { V1Taint, V1Toleration } from "@kubernetes/client-node";

export type Taint = Pick<V1Taint, "key" | "value" | "effect">;

/**
 * Reports whether a toleration matches a taint. An absent key or effect matches any.
 *
 * @see k8s.io/api/core/v1, Toleration.ToleratesTaint
 */
export function toleratesTaint({ key, operator, value, effect }: V1Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  switch (operator || "Equal") {
    case "Equal":
      return (value ?? "") === (taint.value ?? "");
    case "Exists":
      return true;
    // Kubernetes 1.36 has `Gt` and `Lt` behind a feature gate that is off.
    default:
      return false;
  }
}

/** Reports whether pods without a matching toleration stay off a node with this taint, or are evicted. */
const isHard = ({ effect }: Taint): boolean => effect === "NoSchedule" || effect === "NoExecute";

/**
 * Returns the taints that keep a pod with these tolerations off a node.
 *
 * @param tolerations default to none: the result is then every taint that needs a toleration
 */
export function findRepellingTaints<T extends Taint>(
  taints: readonly T[],
  tolerations: readonly V1Toleration[] = [],
): T[] {
  return taints.filter((taint) => isHard(taint) && !tolerations.some((each) => toleratesTaint(each, taint)));
}

/** Returns tolerations that match exactly these taints, each once, sorted. */
export function createTolerations(
  taints: readonly Required<Taint>[],
): Required<Pick<V1Toleration, "key" | "operator" | "value" | "effect">>[] {
  const byText = new Map(taints.map((taint) => [[taint.key, taint.value, taint.effect].join("\0"), taint]));
  return [...byText.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { key, value, effect }]) => ({ key, operator: "Equal", value, effect }));
}

/** Formats a taint as K3s and kubectl do: `dedicated=iot:NoSchedule`. */
export function formatTaint({ key, value, effect }: Taint): string {
  return `${key}${value ? `=${value}` : ""}:${effect}`;
}

/**
 * Reports whether Kubernetes or K3s sets taints with this key itself.
 *
 * @see https://kubernetes.io/docs/reference/labels-annotations-taints/
 * @see https://docs.k3s.io/advanced, on `CriticalAddonsOnly`
 */
export function isBuiltInTaint(key: string): boolean {
  return (
    key === "CriticalAddonsOnly" ||
    key.startsWith("node.kubernetes.io/") ||
    key.startsWith("node.cloudprovider.kubernetes.io/") ||
    key === "node-role.kubernetes.io/control-plane" ||
    key === "node-role.kubernetes.io/master" ||
    key === "node-role.kubernetes.io/etcd"
  );
}
