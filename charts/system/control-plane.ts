import type { k8s } from "cdk8s-plus-27";

import { CONTROL_PLANE } from "../../fleet/labels";

/**
 * Returns pod fields that place a program on the K3s servers. It tolerates both common taints of servers and prefers
 * different servers for its replicas.
 *
 * @param selector labels of the program's pods
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
