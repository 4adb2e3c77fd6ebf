// Code generated from fleet/labels.ts. DO NOT EDIT.

// Package labels defines the label, taint and annotation keys that Skerry reads and writes.
package labels

// Label keys of nodes, and RequiredRegion of pods.
const (
	EdgeRegion     = "edge-region"
	NodeType       = "node-type"
	EdgeNodeType   = "edge-node-type"
	DeviceType     = "device-type"
	DiskType       = "disktype"
	NodePool       = "skerry.dev/node-pool"
	TopologyRegion = "topology.kubernetes.io/region"
	TopologyZone   = "topology.kubernetes.io/zone"
	RequiredRegion = "required-region"
)

// Label keys of nodes that a kubelet cannot write.
const (
	ProtectedPool = "skerry.dev.node-restriction.kubernetes.io/pool"
)

// Taint keys of nodes.
const (
	TaintDedicated  = "dedicated"
	TaintDeviceType = "device-type"
)

// Annotation keys of pods.
const (
	AnnotationNearRegion      = "skerry.dev/near-region"
	AnnotationFallbackRegions = "skerry.dev/fallback-regions"
	AnnotationMaxRttMs        = "skerry.dev/max-rtt-ms"
	AnnotationResourceProfile = "skerry.dev/resource-profile"
	AnnotationResourceDemand  = "skerry.dev/resource-demand"
)

// Values of labels and taints.
const (
	ValueEdgeWorker  = "edge-worker"
	ValueCloudWorker = "cloud-worker"
	ValueIotGateway  = "iot-gateway"
	ValueSsd         = "ssd"
	ValueIot         = "iot"
)

// EdgeSchedulerName is the schedulerName of pods that the edge scheduler places.
const EdgeSchedulerName = "edge-scheduler"

// Node lists the label keys of nodes, except protected ones.
var Node = []string{
	EdgeRegion,
	NodeType,
	EdgeNodeType,
	DeviceType,
	DiskType,
	NodePool,
	TopologyRegion,
	TopologyZone,
}
