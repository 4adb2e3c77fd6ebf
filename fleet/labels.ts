/**
 * Every label, taint and annotation key that Skerry writes or reads. `make generate` writes
 * `runtime/pkg/labels/zz_generated.labels.go` from this file.
 */

/** Keys of node labels, and of the pod label `requiredRegion`. */
export const labels = {
  /** Node: region of an edge node. */
  edgeRegion: "edge-region",
  /** Node: role, `edge-worker` or `cloud-worker`. */
  nodeType: "node-type",
  /** Node: type of an edge node, such as `iot-gateway`. */
  edgeNodeType: "edge-node-type",
  /** Node: device type, such as `raspberry-pi-4`. */
  deviceType: "device-type",
  /** Node: `ssd` if the disk is an SSD or NVMe. */
  diskType: "disktype",
  /** Node: the pool that the agent registers for. Afterwards, {@link protectedLabels} is authoritative. */
  nodePool: "skerry.dev/node-pool",
  /** Node: region, in the well-known label that topology spread constraints use. */
  topologyRegion: "topology.kubernetes.io/region",
  /** Node: zone, in the well-known label. */
  topologyZone: "topology.kubernetes.io/zone",
  /** Pod: the only region in which the pod may run. */
  requiredRegion: "required-region",
} as const;

/**
 * Keys of node labels that no kubelet can write, not even on its own node: the NodeRestriction admission plugin rejects
 * keys in `*.node-restriction.kubernetes.io`.
 */
export const protectedLabels = {
  /** Node: the pool that the node belongs to. Written by the node controller. */
  pool: "skerry.dev.node-restriction.kubernetes.io/pool",
  /** Node: the upgrade plan that may upgrade the node now. Written and removed while a wave runs. */
  upgrade: "skerry.dev.node-restriction.kubernetes.io/upgrade",
} as const;

/** Node: label and taint of K3s servers. */
export const CONTROL_PLANE = "node-role.kubernetes.io/control-plane";

/** Keys of node taints. */
export const taints = {
  /** Reserves nodes for a purpose: `dedicated=iot:NoSchedule`. */
  dedicated: "dedicated",
  /** Reserves nodes for workloads made for the device: `device-type=raspberry-pi-4:NoSchedule`. */
  deviceType: "device-type",
} as const;

/** Losses that a workload can state to survive. */
export const SURVIVABLE_LOSSES = ["node", "region"] as const;
export type SurvivableLoss = (typeof SURVIVABLE_LOSSES)[number];

/** Keys of annotations: of pods, which the plugins of the edge scheduler read, and of workloads, which drills read. */
export const annotations = {
  /** The region that the pod serves. Nearer nodes are preferred. */
  nearRegion: "skerry.dev/near-region",
  /** Regions in which the pod may run besides the required one, in order of preference: `osaka,sydney`. */
  fallbackRegions: "skerry.dev/fallback-regions",
  /** Longest round-trip time from the served region to the node, in ms: `80`. */
  maxRttMs: "skerry.dev/max-rtt-ms",
  /** A profile class, or a weight per resource: `io-heavy`, or `cpu=0.2,io=0.8`. */
  resourceProfile: "skerry.dev/resource-profile",
  /** Demand for resources that requests cannot express: `iops=500,networkMbps=200`. */
  resourceDemand: "skerry.dev/resource-demand",
  /** Workload: `node` or `region`. The loss of any one of them leaves {@link minAvailable} pods running. */
  survivesLossOf: "skerry.dev/survives-loss-of",
  /** Workload: the least number of pods that such a loss leaves running. Defaults to 1. */
  minAvailable: "skerry.dev/min-available",
} as const;

/** Values of the labels and taints above. */
export const values = {
  edgeWorker: "edge-worker",
  cloudWorker: "cloud-worker",
  iotGateway: "iot-gateway",
  ssd: "ssd",
  iot: "iot",
} as const;

/** `schedulerName` of pods that name none. */
export const DEFAULT_SCHEDULER = "default-scheduler";

/** `schedulerName` of pods that Skerry's scheduler places. */
export const EDGE_SCHEDULER = "edge-scheduler";
