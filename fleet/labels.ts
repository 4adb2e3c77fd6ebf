/**
 * Every label, taint and annotation key that Skerry writes or reads. This file is their one home;
 * `runtime/pkg/labels/zz_generated.labels.go` is generated from it (`make generate`).
 */

/** Keys of labels on nodes (and `requiredRegion`, on pods). */
export const labels = {
  /** Node: the edge region it stands in. */
  edgeRegion: "edge-region",
  /** Node: `edge-worker`, `cloud-worker`. */
  nodeType: "node-type",
  /** Node: what it is at the edge, e.g. `iot-gateway`. */
  edgeNodeType: "edge-node-type",
  /** Node: its device type, e.g. `raspberry-pi-4`. */
  deviceType: "device-type",
  /** Node: `ssd` where its disk is an SSD or NVMe. */
  diskType: "disktype",
  /** Node, set by the agent when it registers: the pool that it joins. From then on {@link protectedLabels} decides. */
  nodePool: "skerry.dev/node-pool",
  /** Node: upstream's region key, so that upstream's topology spreading works. */
  topologyRegion: "topology.kubernetes.io/region",
  /** Node: upstream's zone key. */
  topologyZone: "topology.kubernetes.io/zone",
  /** Pod: the one region it may run in. */
  requiredRegion: "required-region",
} as const;

/**
 * Keys of labels on nodes that a kubelet cannot write, not even on its own node: the NodeRestriction admission plugin
 * refuses every key in `*.node-restriction.kubernetes.io`.
 */
export const protectedLabels = {
  /** Node, written by the node controller: the pool that the node belongs to. */
  pool: "skerry.dev.node-restriction.kubernetes.io/pool",
} as const;

/** Keys of taints on nodes. */
export const taints = {
  /** `dedicated=iot:NoSchedule`: nodes kept for IoT work. */
  dedicated: "dedicated",
  /** `device-type=raspberry-pi-4:NoSchedule`: devices that only fitting work may use. */
  deviceType: "device-type",
} as const;

/** Keys of annotations on pods: what the edge scheduler's plugins are told. */
export const annotations = {
  /** The region that the pod serves; it may run elsewhere, the nearer the better. */
  nearRegion: "skerry.dev/near-region",
  /** Regions to fall back to, in order, from the required one: `osaka,sydney`. */
  fallbackRegions: "skerry.dev/fallback-regions",
  /** Longest round trip from the region served to the node's, in ms: `80`. */
  maxRttMs: "skerry.dev/max-rtt-ms",
  /** A named class or a weight for each dimension: `io-heavy`, or `cpu=0.2,io=0.8`. */
  resourceProfile: "skerry.dev/resource-profile",
  /** What requests cannot state: `iops=500,networkMbps=200`. */
  resourceDemand: "skerry.dev/resource-demand",
} as const;

/** Values that have a fixed meaning. */
export const values = {
  edgeWorker: "edge-worker",
  cloudWorker: "cloud-worker",
  iotGateway: "iot-gateway",
  ssd: "ssd",
  iot: "iot",
} as const;

/** The scheduler name that pods ask for to be placed by Skerry's scheduler. */
export const EDGE_SCHEDULER = "edge-scheduler";
