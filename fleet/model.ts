/**
 * The fleet model: plain, readonly data, without a cloud or a Kubernetes client.
 *
 * `FleetInput` is the form that a team writes as a module, JSON or YAML; fields with a default are optional. `Fleet` is the
 * form that {@link parseFleet} returns, with every default applied and every reference checked.
 */

import type { Broker, CloudBroker } from "./brokers";
import type { EdgeAgents, EdgeIngest, SiteSync } from "./edge-data/model";
import type { Backup, ClusterUpgrades, Hardening, K3sRelease, UpgradePolicy } from "./operations";

export * from "./brokers";
export * from "./edge-data/model";
export * from "./operations";

/** A location with a name and coordinates. */
export interface Region {
  /** DNS label, unique in the fleet, such as `tokyo`. */
  readonly name: string;
  /** Degrees north, between -90 and 90. */
  readonly latitude: number;
  /** Degrees east, between -180 and 180. */
  readonly longitude: number;
}

/** Whether a round-trip time is measured, or estimated from the great-circle distance. */
export type LinkBasis = "measured" | "estimated";

/** The round-trip time from one region to another. The opposite direction is a separate link. */
export interface Link {
  /** Name of the region that starts the round trip. */
  readonly from: string;
  /** Name of the region that answers. */
  readonly to: string;
  /** Round-trip time in milliseconds, greater than 0 and at most 1000. */
  readonly rttMs: number;
  readonly basis: LinkBasis;
  /** Who measured the time and when, or the formula of the estimate. */
  readonly source: string;
  /** Last day of the measurement, such as `2024-08-25`. Absent for estimates. */
  readonly at?: string;
}

/** A Kubernetes taint, such as `dedicated=iot:NoSchedule`. */
export interface Taint {
  readonly key: string;
  /** @default "" */
  readonly value: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** Role of a node: the value of its label `node-type`. */
export type NodeRole = "edge-worker" | "cloud-worker";

/** Hardware of one node. Defaults to that of the device type. */
export interface Capacity {
  /** Number of cores, an integer. */
  readonly cpuCores: number;
  /**
   * Speed of one core relative to a Raspberry Pi 4, whose speed is 1.
   *
   * @default - the mean of the nodes that have a speed
   */
  readonly coreSpeed?: number;
  /** Memory in MiB. */
  readonly memoryMiB: number;
  /** Type of the disk. `ssd` and `nvme` set the label `disktype=ssd`. */
  readonly disk: "sd" | "emmc" | "ssd" | "nvme";
  /** Size of the disk in GiB. */
  readonly diskGiB: number;
  /** Random reads of the disk per second. */
  readonly iops: number;
  /** Network bandwidth in Mbit/s. */
  readonly networkMbps: number;
}

/**
 * A K3s bootstrap token, with which only the agents of one pool can join, and only for some time. A pool of one node gives a
 * device a token of its own. An agent that has joined keeps working after the token has expired.
 */
export interface JoinToken {
  /** Time in hours from its creation to its expiry, at most 8760. @default 24 */
  readonly hours: number;
  /**
   * Raise it to revoke the current token and to create a new one, for a node that is replaced. A change of the pool's count
   * also creates a new token.
   *
   * @default 1
   */
  readonly issue: number;
}

/** How often the credentials of a cluster have been rotated. Raise a number to rotate the credential. */
export interface CredentialRotations {
  /** Token of servers, which also encrypts the authorities in the datastore. @default 0 */
  readonly serverToken: number;
  /** Token of agents, except those of pools with a `joinToken`. @default 0 */
  readonly agentToken: number;
  /** Client certificate in the kubeconfig of the administrator. @default 0 */
  readonly adminCertificate: number;
}

/** The nodes of an existing cluster that belong to a pool. Exactly one field must be set. */
export interface NodeSelection {
  /** Names of the nodes. */
  readonly names?: readonly string[];
  /** Label of the nodes. A node that has joined the pool by its label stays there even if the label changes. */
  readonly label?: { readonly key: string; readonly value: string };
}

/** A set of nodes with the same cluster, region and device type. */
export interface NodePoolSpec {
  /**
   * DNS label, unique in the cluster. The nodes are named `<pool>-01`, `<pool>-02` and so on, except in an existing cluster.
   */
  readonly name: string;
  /**
   * Which nodes belong to the pool. Required if the cluster has a {@link ClusterSpec.kubeconfig}; must not be set otherwise.
   *
   * @default - the machines that Skerry creates for the pool
   */
  readonly nodes?: NodeSelection;
  /** Name of the region. */
  readonly region: string;
  /** Failure domain within the region. @default "<region>-a" */
  readonly zone: string;
  /**
   * Name of a device type in `devices`, such as `raspberry-pi-4`. A pool with `nodes` and a capacity may have any other: a
   * label value.
   */
  readonly device: string;
  /** @default "edge-worker" */
  readonly role: NodeRole;
  /** Value of the label `edge-node-type`, such as `iot-gateway`. Without it, the nodes have no such label. */
  readonly edgeNodeType?: string;
  /** Number of nodes, at least 1. */
  readonly count: number;
  /** @default - the capacity of the device type */
  readonly capacity: Capacity;
  /**
   * What one node costs per hour, in the currency of {@link Fleet.prices}.
   *
   * @default - the price of the device type in `prices.perHour`
   */
  readonly pricePerHour?: number;
  /** Labels in addition to those that the other fields imply. @default {} */
  readonly labels: Readonly<Record<string, string>>;
  /** Taints of the nodes. @default [] */
  readonly taints: readonly Taint[];
  /** @default - the agent token of the cluster, which does not expire */
  readonly joinToken?: JoinToken;
  /**
   * Raise this number to replace the machines of the pool with machines that boot with the current user data. How many are
   * replaced at once is up to the provider of the machines. Must be 1 in a cluster that exists.
   *
   * @default 1
   */
  readonly generation: number;
  /** Whether the node agent runs on the nodes of the pool. @default - `nodeAgent` of the fleet */
  readonly nodeAgent?: boolean;
}

/** Where the kubeconfig of an existing cluster is. Exactly one of `path` and `secret` must be set. */
export interface KubeconfigReference {
  /** Path of a file, relative to the project. It may start with `~/`. */
  readonly path?: string;
  /** Name of a secret value in the Pulumi configuration of the stack. */
  readonly secret?: string;
  /** Context in the kubeconfig. @default - its current context */
  readonly context?: string;
}

/** One control plane and its nodes. */
export interface ClusterSpec {
  /** DNS label, unique in the fleet. */
  readonly name: string;
  /**
   * Kubeconfig of a cluster that exists. Skerry then creates no machines, and never creates or deletes nodes. The fields
   * `serverDevice`, `clusterCidr`, `serviceCidr` and `nodeCidrMaskSize` have no effect, and `servers` is the number of
   * control-plane nodes.
   *
   * @default - none: Skerry creates the cluster
   */
  readonly kubeconfig?: KubeconfigReference;
  /**
   * Name of the node pool that runs Skerry's own programs, for an existing cluster without control-plane nodes, such as one
   * whose control plane a cloud operates.
   *
   * @default - the control-plane nodes
   */
  readonly systemPool?: string;
  /**
   * Namespaces of an existing cluster that Skerry uses, but neither creates nor deletes.
   *
   * @default []
   */
  readonly existingNamespaces: readonly string[];
  /** Name of the region of the servers. */
  readonly homeRegion: string;
  /** Number of K3s servers, all in the home region. @default 1 */
  readonly servers: 1 | 3 | 5;
  /** Device type of the servers. @default "m6i.large" */
  readonly serverDevice: string;
  /**
   * Raise this number to replace the servers, one at a time, with machines that boot with the current user data. No other field
   * but `serverDevice` replaces a running server.
   *
   * @default 1
   */
  readonly serverGeneration: number;
  /** Kubernetes version, `major.minor.patch`. @default - that of `k3s.version`, or the version that this release is tested with */
  readonly kubernetesVersion: string;
  /** @default - the first K3s release of `kubernetesVersion`, which the image of the machines contains */
  readonly k3s?: K3sRelease;
  /** @default - K3s' own: a snapshot every 12 hours on the disk of the server, which is lost with it */
  readonly backup?: Backup;
  /** Requires `upgrades` of the fleet. @default - the settings of the fleet */
  readonly upgrades?: ClusterUpgrades;
  /** @default - the hardened configuration, without exceptions */
  readonly hardening?: Hardening;
  /** Address range of the pods. @default "10.42.0.0/16" */
  readonly clusterCidr: string;
  /** Address range of the services. @default "10.43.0.0/16" */
  readonly serviceCidr: string;
  /** Prefix length of each node's range within `clusterCidr`. @default 24 */
  readonly nodeCidrMaskSize: number;
  /** @default - no rotations */
  readonly rotations: CredentialRotations;
  readonly nodePools: readonly NodePoolSpec[];
  /** Required if the cluster has brokers, an ingest or sites. @default - no cloud broker */
  readonly cloudBroker?: CloudBroker;
  /** @default [] */
  readonly brokers: readonly Broker[];
  /** Requires `edgeIngest`. @default [] */
  readonly edgeAgents: readonly EdgeAgents[];
  /** Requires `cloudBroker`. @default - none: nothing stores the messages of edge agents */
  readonly edgeIngest?: EdgeIngest;
  /** Requires `brokers` and `cloudBroker`. @default - none: agents have the configuration that the fleet renders */
  readonly siteSync?: SiteSync;
}

/** Resources of one pod, as Kubernetes quantities. */
export interface WorkloadResources {
  /** CPU request, such as `50m`. */
  readonly cpu: string;
  /** Memory request and limit, such as `64Mi`. */
  readonly memory: string;
}

/**
 * Placement of a workload's pods:
 * - `every-node`: one pod on each matching node (a DaemonSet).
 * - `each-region`: `replicas` pods in each listed region (one Deployment per region, with the label `required-region`).
 * - `region`: `replicas` pods in one region.
 * - `anywhere`: `replicas` pods per cluster, placed by the default scheduler.
 */
export type WorkloadPlacement =
  | { readonly kind: "every-node"; readonly edgeNodeType?: string; readonly device?: string }
  | { readonly kind: "each-region"; readonly regions: readonly string[]; readonly replicas: number }
  | { readonly kind: "region"; readonly region: string; readonly replicas: number }
  | { readonly kind: "anywhere"; readonly replicas: number };

/** A program that the fleet runs. Its name is its key in {@link Fleet.workloads}. */
export interface Workload {
  /** Namespace of the objects. @default "default" */
  readonly namespace: string;
  /** Image with a tag other than `latest` or with a digest. */
  readonly image: string;
  /** Names of the clusters that run the workload. @default - those with nodes that its placement matches */
  readonly clusters?: readonly string[];
  readonly placement: WorkloadPlacement;
  readonly resources: WorkloadResources;
  /** TCP port that serves `GET /healthz`. @default 8080 */
  readonly port: number;
  /** Environment variables. @default {} */
  readonly env: Readonly<Record<string, string>>;
  /** Taints that the pods tolerate, in addition to those of nodes that `every-node` matches. @default [] */
  readonly tolerations: readonly Taint[];
}

/** What nodes cost. Previews add it up; nothing is deployed from it. */
export interface Prices {
  /** ISO 4217 code of the currency of every price in the fleet, such as `USD`. */
  readonly currency: string;
  /** Price of one node per hour by device type. For a device that is bought: its price divided by the hours of its use. @default {} */
  readonly perHour: Readonly<Record<string, number>>;
}

/** A fleet of K3s clusters. */
export interface Fleet {
  /** DNS label. */
  readonly name: string;
  readonly regions: readonly Region[];
  /** At most one link per ordered pair of regions. Missing ones are estimated from the coordinates. @default [] */
  readonly links: readonly Link[];
  readonly clusters: readonly ClusterSpec[];
  /** Workloads by name, a DNS label. @default {} */
  readonly workloads: Readonly<Record<string, Workload>>;
  /** Required if a pool has a price. @default - no prices: the cost of the fleet is unknown */
  readonly prices?: Prices;
  /** How clusters change to another version of K3s. @default - Skerry upgrades no cluster */
  readonly upgrades?: UpgradePolicy;
  /**
   * Whether the node agent runs on every node, except those of pools that state otherwise. It publishes the usage and the
   * hardware of the node, and round-trip times to other regions. Requires Kubernetes 1.30.
   *
   * @default true
   */
  readonly nodeAgent: boolean;
}
