// Code generated from fleet/labels.ts. DO NOT EDIT.

// Package labels holds every label, taint and annotation key that Skerry writes or reads.
package labels

// Keys of labels on nodes, and RequiredRegion on pods.
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

// Keys of labels on nodes that a kubelet cannot write.
const (
	ProtectedPool    = "skerry.dev.node-restriction.kubernetes.io/pool"
	ProtectedUpgrade = "skerry.dev.node-restriction.kubernetes.io/upgrade"
)

// Keys of taints on nodes.
const (
	TaintDedicated  = "dedicated"
	TaintDeviceType = "device-type"
)

// Keys of annotations on pods.
const (
	AnnotationNearRegion      = "skerry.dev/near-region"
	AnnotationFallbackRegions = "skerry.dev/fallback-regions"
	AnnotationMaxRttMs        = "skerry.dev/max-rtt-ms"
	AnnotationResourceProfile = "skerry.dev/resource-profile"
	AnnotationResourceDemand  = "skerry.dev/resource-demand"
	AnnotationSurvivesLossOf  = "skerry.dev/survives-loss-of"
	AnnotationMinAvailable    = "skerry.dev/min-available"
)

// Values that have a fixed meaning.
const (
	ValueEdgeWorker  = "edge-worker"
	ValueCloudWorker = "cloud-worker"
	ValueIotGateway  = "iot-gateway"
	ValueSsd         = "ssd"
	ValueIot         = "iot"
)

// EdgeSchedulerName is the scheduler name that pods ask for.
const EdgeSchedulerName = "edge-scheduler"

// Node lists the label keys of nodes.
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
