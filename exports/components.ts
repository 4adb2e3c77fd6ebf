/**
 * Pulumi components for clusters, for nodes that join them by user data, and for the delivery of rendered objects.
 *
 * @packageDocumentation
 */
export { Cluster, type ClusterArgs } from "../components/clusters/cluster";
export {
  ClusterUpgrade,
  type ClusterUpgradeArgs,
  upgradeFleet,
  type UpgradeTarget,
} from "../components/clusters/cluster-upgrade";
export type { ConnectedCluster } from "../components/clusters/connected-cluster";
export { ServerMembership, type ServerMembershipArgs } from "../components/clusters/server-membership";
export { ServerSet } from "../components/clusters/server-set";
export { Delivery, type DeliveryArgs } from "../components/delivery/delivery";
export { KubernetesObject, type Manifest } from "../components/delivery/object";
export { BrokerCredentials } from "../components/mqtt/broker-credentials";
export { LabMachines } from "../components/nodes/lab/machines";
export type {
  AgentMachinesArgs,
  ClusterMachines,
  MachineProvider,
  ServerMachineArgs,
} from "../components/nodes/machines";
export type { ParameterLocation } from "../fleet/k3s/parameters";
export { NodePool, type NodePoolArgs } from "../components/nodes/node-pool";
