/**
 * The fleet model: what a platform team states. Plain, readonly data; no cloud, no Kubernetes client.
 *
 * `FleetInput` is what a module, a JSON or a YAML file may say (defaults may be left out); `Fleet` is what
 * {@link parseFleet} returns: every default filled in, every reference checked, trusted from there on.
 */

/** A place with a name and coordinates. */
export interface Region {
  /** DNS label, unique in the fleet, e.g. `tokyo`. */
  readonly name: string;
  /** Degrees north, -90 to 90. */
  readonly latitude: number;
  /** Degrees east, -180 to 180. */
  readonly longitude: number;
}

/** Where a link's figure comes from: a measurement, or great-circle distance. */
export type LinkBasis = "measured" | "estimated";

/** The round trip from one region to another. Directed: the way back is a link of its own. */
export interface Link {
  readonly from: string;
  readonly to: string;
  /** Round-trip time in milliseconds, above 0. */
  readonly rttMs: number;
  readonly basis: LinkBasis;
  /** Who measured it and when, or by which formula it was estimated. */
  readonly source: string;
  /** The day of the measurement, or the last of its days, as in `2024-08-25`. Estimates have none. */
  readonly at?: string;
}

/** A Kubernetes taint, as in `dedicated=iot:NoSchedule`. */
export interface Taint {
  readonly key: string;
  /** @default "" */
  readonly value: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** What the machines of a pool are for; becomes the label `node-type`. */
export type NodeRole = "edge-worker" | "cloud-worker";

/** What one node offers; stated by the device type, overridden by a pool. */
export interface Capacity {
  /** Whole cores. */
  readonly cpuCores: number;
  /**
   * What one core gets done in a given time, against the cores of the fleet's other nodes; a Raspberry Pi 4's is 1 in the
   * catalogue. @default the mean of the nodes whose speed is stated
   */
  readonly coreSpeed?: number;
  /** Mebibytes. */
  readonly memoryMiB: number;
  readonly disk: "sd" | "emmc" | "ssd" | "nvme";
  /** Gibibytes. */
  readonly diskGiB: number;
  /** Random-read input/output operations a second. */
  readonly iops: number;
  /** Megabits a second. */
  readonly networkMbps: number;
}

/** Nodes of one cluster, region and device type. */
export interface NodePoolSpec {
  /** DNS label, unique in its cluster; its nodes are named `<pool>-01`, `<pool>-02`, … */
  readonly name: string;
  readonly region: string;
  /** Failure domain inside the region. @default "<region>-a" */
  readonly zone: string;
  /** A name from the device catalogue, e.g. `raspberry-pi-4`. */
  readonly device: string;
  /** @default "edge-worker" */
  readonly role: NodeRole;
  /** What the node is at the edge (label `edge-node-type`), e.g. `iot-gateway`; absent: none. */
  readonly edgeNodeType?: string;
  readonly count: number;
  /** @default the device's own capacity */
  readonly capacity: Capacity;
  /** Labels beyond those that follow from region, zone, device and role. @default {} */
  readonly labels: Readonly<Record<string, string>>;
  /** Every taint of the pool's nodes. @default [] */
  readonly taints: readonly Taint[];
}

/** Bounds of a broker's queues. Nothing is unbounded: a full queue drops its newest message. */
export interface QueueLimits {
  /** Messages held for one client that is away or slow. @default 10000 */
  readonly messages: number;
  /** Mebibytes held for one client. @default 64 */
  readonly memoryMiB: number;
  /** Largest message accepted, in KiB. @default 256 */
  readonly messageKiB: number;
}

/** An MQTT client that may connect to a broker, and the topics it may use. */
export interface BrokerClient {
  readonly name: string;
  /** Topic filters it may publish to. @default [] */
  readonly publish: readonly string[];
  /** Topic filters it may subscribe to. @default [] */
  readonly subscribe: readonly string[];
}

/** An MQTT broker at an edge region, bridged to its cluster's cloud broker. */
export interface Broker {
  /** DNS label, unique in its cluster. */
  readonly name: string;
  readonly region: string;
  /** Topic filters forwarded to the cloud broker. @default ["sensors/#"] */
  readonly forward: readonly string[];
  /** @default [] */
  readonly clients: readonly BrokerClient[];
  readonly queue: QueueLimits;
  /** Size of the local volume that holds the queue through a restart, in GiB. @default 1 */
  readonly storageGiB: number;
}

/** The cluster's own broker in its home region, that the edge brokers bridge to. */
export interface CloudBroker {
  /** @default "cloud" */
  readonly name: string;
  /** @default [] */
  readonly clients: readonly BrokerClient[];
  readonly queue: QueueLimits;
  /** GiB. @default 8 */
  readonly storageGiB: number;
}

/** One K3s control plane and its nodes. */
export interface ClusterSpec {
  /** DNS label, unique in the fleet. */
  readonly name: string;
  readonly homeRegion: string;
  /** K3s servers, all in the home region: 1, 3 or 5. @default 1 */
  readonly servers: 1 | 3 | 5;
  /** Device type of the servers. @default "m6i.large" */
  readonly serverDevice: string;
  /** Kubernetes version, `major.minor.patch`. @default the version this release is tested with */
  readonly kubernetesVersion: string;
  /** Pod addresses of the whole cluster. @default "10.42.0.0/16" */
  readonly clusterCidr: string;
  /** Service addresses. @default "10.43.0.0/16" */
  readonly serviceCidr: string;
  /** Prefix length of one node's share of `clusterCidr`. @default 24 */
  readonly nodeCidrMaskSize: number;
  readonly nodePools: readonly NodePoolSpec[];
  /** Absent: the cluster has no brokers. */
  readonly cloudBroker?: CloudBroker;
  /** @default [] */
  readonly brokers: readonly Broker[];
}

/** What one pod asks for and may use, as Kubernetes quantities. */
export interface WorkloadResources {
  /** CPU request, e.g. `50m`. */
  readonly cpu: string;
  /** Memory request and limit, e.g. `64Mi`. */
  readonly memory: string;
}

/**
 * Where a workload's pods run:
 * - `every-node`: one pod on each node that matches (a DaemonSet);
 * - `each-region`: `replicas` pods in each listed region, and nowhere else (a Deployment a region, bound by `required-region`);
 * - `region`: `replicas` pods in that region and nowhere else;
 * - `anywhere`: `replicas` pods in the home region's cluster or in the listed clusters, placed as the stock scheduler would.
 */
export type WorkloadPlacement =
  | { readonly kind: "every-node"; readonly edgeNodeType?: string; readonly device?: string }
  | { readonly kind: "each-region"; readonly regions: readonly string[]; readonly replicas: number }
  | { readonly kind: "region"; readonly region: string; readonly replicas: number }
  | { readonly kind: "anywhere"; readonly replicas: number };

/** A program the fleet runs. Keyed by its name in {@link Fleet.workloads}. */
export interface Workload {
  /** @default "default" */
  readonly namespace: string;
  /** Pinned: with a tag that is not `latest`, or a digest. */
  readonly image: string;
  /** Clusters it goes to. @default those with nodes that its placement can use */
  readonly clusters?: readonly string[];
  readonly placement: WorkloadPlacement;
  readonly resources: WorkloadResources;
  /** TCP port that answers `GET /healthz`. @default 8080 */
  readonly port: number;
  /** @default {} */
  readonly env: Readonly<Record<string, string>>;
  /** Taints it tolerates, beyond those of the nodes that `every-node` names. @default [] */
  readonly tolerations: readonly Taint[];
}

/** Everything a platform team states. */
export interface Fleet {
  /** DNS label. */
  readonly name: string;
  readonly regions: readonly Region[];
  /** For each ordered pair of regions at most one. A pair that is missing is estimated from coordinates. */
  readonly links: readonly Link[];
  readonly clusters: readonly ClusterSpec[];
  /** By name (DNS label, unique because it is a key). @default {} */
  readonly workloads: Readonly<Record<string, Workload>>;
}
