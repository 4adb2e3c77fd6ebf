import { formatTaint } from "../../fleet/kubernetes/tolerations";
import type { AwsCluster } from "./programs";

/**
 * Returns the values of the node termination handler. A pod on every agent asks the metadata service of its instance, and
 * drains the node before the instance is interrupted or maintained. It needs no permission in AWS, and works in every region.
 *
 * It tolerates only the taints of agents, which keeps it off the servers. The chart has no other way to select nodes by more
 * than one value.
 *
 * @see https://github.com/aws/aws-node-termination-handler/tree/main/config/helm/aws-node-termination-handler
 */
export const terminationHandlerValues = ({ taints }: AwsCluster): object => ({
  enableSpotInterruptionDraining: true,
  enableScheduledEventDraining: true,
  // A recommendation to rebalance is often not followed by an interruption.
  enableRebalanceMonitoring: false,
  enableRebalanceDraining: false,
  // The other mode, which needs a queue.
  enableSqsTerminationDraining: false,
  emitKubernetesEvents: true,
  useHostNetwork: true,
  rbac: { pspEnabled: false },
  tolerations: [...new Map(taints.map((taint) => [formatTaint(taint), taint])).values()].map(
    ({ key, value, effect }) => ({ key, operator: "Equal", value, effect }),
  ),
  resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "128Mi" } },
});
