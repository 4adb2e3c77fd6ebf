/**
 * Pulumi components for clusters, for nodes that join them by user data, and for the delivery of rendered objects.
 *
 * @packageDocumentation
 */
export { AgentRelease, type AgentReleaseArgs } from "../components/clusters/agent-release";
export { Cluster, type ClusterArgs } from "../components/clusters/cluster";
export {
  ClusterUpgrade,
  type ClusterUpgradeArgs,
  upgradeFleet,
  type UpgradeTarget,
} from "../components/clusters/cluster-upgrade";
export type { ClusterConnector, ConnectedCluster } from "../components/clusters/connected-cluster";
export { ServerMembership, type ServerMembershipArgs } from "../components/clusters/server-membership";
export { ServerSet } from "../components/clusters/server-set";
export { Delivery, type DeliveryArgs } from "../components/delivery/delivery";
export { KubernetesObject, type Manifest } from "../components/delivery/object";
export { type ClusterSource, FleetDeployment, type FleetDeploymentArgs } from "../components/fleet";
export { BrokerCredentials } from "../components/mqtt/broker-credentials";
export { ExistingCluster, ExistingClusters } from "../components/nodes/existing/clusters";
export { LabMachines } from "../components/nodes/lab/machines";
export {
  type AgentMachinesArgs,
  type ClusterMachines,
  type MachineProvider,
  refuseExistingCluster,
  type ServerMachineArgs,
} from "../components/nodes/machines";
export type { NodeIdentity } from "../fleet/k3s/machine";
export type { ParameterLocation } from "../fleet/k3s/parameters";
export type { RestoreOrder } from "../fleet/k3s/server-start";
export type { K3sInstallation } from "../fleet/k3s/release";
export { NodePool, type NodePoolArgs } from "../components/nodes/node-pool";
export { readStackSettings } from "../components/stack-settings";
export type { StackSettings } from "../fleet/reading/stack-settings";
