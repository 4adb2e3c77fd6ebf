import type * as pulumi from "@pulumi/pulumi";
import type { Chart } from "cdk8s";

import type { Capacity, ClusterSpec, NodePoolSpec } from "../../fleet/model";
import type { NodeIdentity } from "../../fleet/k3s/machine";
import type { ParameterLocation } from "../../fleet/k3s/parameters";
import type { RestoreOrder } from "../../fleet/k3s/server-start";
import type { Problem } from "../../fleet/problem";

/** One K3s server. */
export interface ServerMachineArgs {
  /** Hostname, which K3s uses as the node name. */
  readonly hostname: string;
  /** Position among the servers of the cluster, from 0. Providers spread servers over failure domains by it. */
  readonly index: number;
  /** Name of the device type in the device catalogue. */
  readonly device: string;
  readonly capacity: Capacity;
  /**
   * cloud-init user data, the same for every server of a cluster. It applies when the machine is created: a change never
   * touches a running server.
   */
  readonly userData: pulumi.Input<string>;
  /**
   * Changes when a parameter has changed that K3s reads when it starts. A provider that can restart K3s on the machine does
   * so; elsewhere the change applies when the machine starts the next time.
   */
  readonly credentialsRevision: string;
  /** A change replaces the machine: the old one is deleted before the new one is created. */
  readonly generation: number;
}

/** The K3s agents of a node pool: equal machines that boot with the same user data. */
export interface AgentMachinesArgs {
  readonly pool: NodePoolSpec;
  /** cloud-init user data with the K3s configuration. */
  readonly userData: pulumi.Input<string>;
}

/** What the machines of one cluster share, prepared before any of them exists. */
export interface ClusterMachines {
  /** Stable hostname or IP address of the Kubernetes API, whichever servers are up. */
  readonly host: pulumi.Output<string>;
  /** TCP port of the Kubernetes API, where servers and agents also join the cluster. */
  readonly port: number;
  /** The resource that is deleted only with the whole cluster. Objects in the cluster are then not deleted one by one. */
  readonly lifetime: pulumi.Resource;
  /** Where the machines read their secrets. */
  readonly parameters: ParameterLocation;
  /** Returns how the agents of a pool, or the servers, name their nodes. @default - by their hostnames */
  identify?(pool?: NodePoolSpec): NodeIdentity;
  /**
   * Stores secrets for the machines, encrypted and readable only for those that need them.
   *
   * @param values secret values by the name of their parameter below the prefix
   */
  store(
    name: string,
    values: Readonly<Record<string, pulumi.Input<string>>>,
    opts: pulumi.CustomResourceOptions,
  ): pulumi.Resource;
  /**
   * Stores the order of a restore, which servers carry out when they start: the parameter `restore`. Its deletion also deletes the
   * claims that servers wrote, the parameters in the folder `restores`, where the provider can. It must not be protected.
   *
   * @param order the value of the parameter, as JSON
   */
  orderRestore(name: string, order: RestoreOrder, opts: pulumi.CustomResourceOptions): pulumi.Resource;
  /**
   * Creates one K3s server. The resource's id is unique to the machine: its replacement has another. If the server's Node has a
   * provider id, the last segment of it is this id. The resource need not wait until the server has joined its cluster, because
   * its membership does.
   *
   * @param opts options of the resource, including `replaceWith`
   */
  server(name: string, args: ServerMachineArgs, opts: pulumi.CustomResourceOptions): pulumi.CustomResource;
  /** Creates the K3s agents of a node pool. */
  agents(name: string, args: AgentMachinesArgs, opts: pulumi.CustomResourceOptions): pulumi.Resource;
}

/** Returns the problem of a cluster that exists, for providers that create clusters. */
export const refuseExistingCluster = ({ kubeconfig }: ClusterSpec): readonly Problem[] =>
  kubeconfig
    ? [{ path: "kubeconfig", message: "must not be set for a cluster that Skerry creates: use ExistingClusters" }]
    : [];

/** Provides machines from a cloud, from devices in the field, or from the lab. */
export interface MachineProvider {
  /** Returns what this provider cannot provide for a cluster, with paths relative to the cluster. Creates nothing. */
  validate(cluster: ClusterSpec): readonly Problem[];
  /** Creates charts that clusters with these machines need, such as the controllers of a cloud. @default - none */
  charts?(cluster: ClusterSpec): readonly Chart[];
  /** Prepares what the machines of a cluster share, such as its address and network. */
  prepare(name: string, cluster: ClusterSpec, opts: pulumi.CustomResourceOptions): ClusterMachines;
}
