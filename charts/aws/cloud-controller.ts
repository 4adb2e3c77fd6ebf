import type { AwsCluster } from "./programs";
import { onServers } from "./on-servers";

/**
 * Returns the values of the AWS cloud controller. It only deletes Nodes: those that are not ready, and whose instance does not
 * exist. K3s' own cloud controller continues to initialize nodes, so it need not be disabled, and nodes do not wait for a
 * program that needs a node. It has no opinion about instances: to it, every one exists.
 *
 * @see https://github.com/kubernetes/cloud-provider-aws/tree/v1.37.1/charts/aws-cloud-controller-manager
 * @see https://github.com/kubernetes/cloud-provider/blob/v0.36.3/controllers/nodelifecycle/node_lifecycle_controller.go
 */
export const cloudControllerValues = ({ id }: AwsCluster): object => ({
  ...onServers,
  hostNetworking: true,
  args: [
    "--v=2",
    "--cloud-provider=aws",
    `--cluster-name=${id}`,
    // The others would set addresses, routes and load balancers, and need more permissions.
    "--controllers=cloud-node-lifecycle-controller",
    "--configure-cloud-routes=false",
    // The lease of K3s' controller has another name.
    "--leader-elect-resource-name=aws-cloud-controller-manager",
    // In the network of the server, the port may be taken by K3s.
    "--secure-port=0",
  ],
  clusterRoleRules: [
    { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch", "patch", "delete"] },
    { apiGroups: [""], resources: ["events"], verbs: ["create", "patch", "update"] },
    { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
    {
      apiGroups: ["coordination.k8s.io"],
      resources: ["leases"],
      resourceNames: ["aws-cloud-controller-manager"],
      verbs: ["get", "update"],
    },
  ],
  resources: { requests: { cpu: "50m", memory: "100Mi" } },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
});
