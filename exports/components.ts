/**
 * Pulumi components for clusters, for nodes that join them by user data, and for the delivery of rendered objects.
 *
 * @packageDocumentation
 */
export { Cluster, type ClusterArgs } from "../components/clusters/cluster";
export type { ConnectedCluster } from "../components/clusters/connected-cluster";
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
