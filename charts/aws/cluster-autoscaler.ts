import type { AwsCluster } from "./programs";
import { onServers } from "./on-servers";

/**
 * Returns the values of the cluster autoscaler. It changes the size of the scaling groups with the tags of
 * {@link autoscalerTags} between their limits, in the region of the servers.
 *
 * @see https://github.com/kubernetes/autoscaler/tree/master/charts/cluster-autoscaler
 */
export const clusterAutoscalerValues = ({ id, awsRegion }: AwsCluster): object => ({
  ...onServers,
  cloudProvider: "aws",
  awsRegion,
  autoDiscovery: { clusterName: id },
  hostNetwork: true,
  // Names of AWS must resolve even if the cluster's DNS does not run.
  dnsPolicy: "Default",
  // Two pods on a server would use the same port.
  updateStrategy: { type: "Recreate" },
  // Nothing is lost while none runs.
  replicaCount: 1,
  extraArgs: {
    "balance-similar-node-groups": true,
    // A volume on the node's disk would be lost.
    "skip-nodes-with-local-storage": true,
    // K3s' own programs run anywhere.
    "skip-nodes-with-system-pods": false,
  },
  resources: { requests: { cpu: "100m", memory: "300Mi" } },
  containerSecurityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 65534,
    runAsGroup: 65534,
    seccompProfile: { type: "RuntimeDefault" },
  },
});

/** Tags by which the cluster autoscaler finds the groups of its cluster. */
export const autoscalerTags = (id: string): Readonly<Record<string, string>> => ({
  "k8s.io/cluster-autoscaler/enabled": "true",
  [`k8s.io/cluster-autoscaler/${id}`]: "owned",
});
