import type { k8s } from "cdk8s-plus-27";

/** K3s labels its servers so. */
const CONTROL_PLANE = "node-role.kubernetes.io/control-plane";

/**
 * Keeps a program on the K3s servers, whichever of the two customary taints they carry, its replicas on different
 * servers where there are several.
 *
 * @param selector labels of the program's own pods
 */
export function onControlPlane(
  selector: Record<string, string>,
): Pick<k8s.PodSpec, "nodeSelector" | "tolerations" | "affinity" | "priorityClassName"> {
  return {
    priorityClassName: "system-cluster-critical",
    nodeSelector: { [CONTROL_PLANE]: "true" },
    tolerations: [
      { key: CONTROL_PLANE, operator: "Exists", effect: "NoSchedule" },
      { key: "CriticalAddonsOnly", operator: "Exists" },
    ],
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: { labelSelector: { matchLabels: selector }, topologyKey: "kubernetes.io/hostname" },
          },
        ],
      },
    },
  };
}
