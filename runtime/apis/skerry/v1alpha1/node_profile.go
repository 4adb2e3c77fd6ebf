package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// NodeProfile describes the hardware and the current usage of the node with the same name. The edge scheduler reads it.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:scope=Cluster
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="Cores",type=number,JSONPath=`.spec.capability.cpu`
// +kubebuilder:printcolumn:name="Memory GB",type=number,JSONPath=`.spec.capability.memoryGB`
// +kubebuilder:printcolumn:name="CPU%",type=number,JSONPath=`.status.samples[-1:].cpuPercent`
// +kubebuilder:printcolumn:name="Memory%",type=number,JSONPath=`.status.samples[-1:].memoryPercent`
// +kubebuilder:printcolumn:name="Last Sample",type=date,JSONPath=`.status.samples[-1:].time`
type NodeProfile struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              NodeProfileSpec   `json:"spec"`
	Status            NodeProfileStatus `json:"status,omitempty"`
}

// NodeProfileSpec describes the hardware of the node.
type NodeProfileSpec struct {
	Capability Capability `json:"capability"`
}

// Capability is the hardware of an idle node. Omitted fields are unknown.
type Capability struct {
	// CPU is the number of processor cores.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=4096
	CPU *float64 `json:"cpu,omitempty"`
	// CoreSpeed is the speed of one core, relative to the cores of the fleet's other nodes.
	//
	// +kubebuilder:validation:Minimum=0.001
	// +kubebuilder:validation:Maximum=1000
	CoreSpeed *float64 `json:"coreSpeed,omitempty"`
	// MemoryGB is the size of the memory in 10^9 bytes.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=65536
	MemoryGB *float64 `json:"memoryGB,omitempty"`
	// IOPS is the number of random reads of 4 KiB per second.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000000000
	IOPS *float64 `json:"iops,omitempty"`
	// NetworkGbps is the network bandwidth in 10^9 bits per second.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10000
	NetworkGbps *float64 `json:"networkGbps,omitempty"`
}

// NodeProfileStatus is the observed usage of the node.
type NodeProfileStatus struct {
	// Samples of usage, oldest first. The scheduler uses the newest sample that is not in the future by its own clock.
	//
	// +kubebuilder:validation:MaxItems=128
	Samples []Sample `json:"samples,omitempty"`
	// Pods holds the mean usage of each pod on the node over the window of the newest sample.
	//
	// +optional
	// +kubebuilder:validation:MaxItems=1024
	Pods []PodUsage `json:"pods"`
	// Trend is the change of usage over the last hour.
	Trend *Trend `json:"trend,omitempty"`
	// ProbeAddress is where the node answers probes of other nodes, as IP:port. Omitted if it does not answer any.
	//
	// +kubebuilder:validation:MaxLength=64
	ProbeAddress string `json:"probeAddress,omitempty"`
	// RoundTrips holds the round-trip times to other regions, as this node measured them. The node controller combines those
	// of several nodes.
	//
	// +listType=map
	// +listMapKey=region
	// +kubebuilder:validation:MaxItems=256
	RoundTrips []RoundTrip `json:"roundTrips,omitempty"`
}

// RoundTrip is the round-trip time from the node to another region.
type RoundTrip struct {
	// Region is the name of the other region.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Region string `json:"region"`
	// MedianMs is the median of the latest probes in ms.
	//
	// +kubebuilder:validation:Minimum=0.001
	// +kubebuilder:validation:Maximum=1000
	MedianMs float64 `json:"medianMs"`
	// SpreadMs is the interquartile range of the latest probes in ms.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	SpreadMs float64 `json:"spreadMs"`
	// Probes is the number of answered probes.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	Probes int32 `json:"probes"`
	// Time of the latest answer, in the form of the samples' times.
	//
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:Format=date-time
	// +kubebuilder:validation:Pattern=`^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`
	Time metav1.MicroTime `json:"time"`
}

// Sample is the mean usage over a time window.
type Sample struct {
	// Time is the end of the window, in RFC 3339 with six decimals. One sample in another form would make every profile
	// unreadable, because clients decode all of them at once.
	//
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:Format=date-time
	// +kubebuilder:validation:Pattern=`^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`
	Time metav1.MicroTime `json:"time"`
	// WindowSeconds is the length of the window.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=3600
	WindowSeconds int32 `json:"windowSeconds"`
	Usage         `json:",inline"`
}

// PodUsage is the usage of one pod.
type PodUsage struct {
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=64
	UID types.UID `json:"uid"`
	// CPUCores is the number of the node's cores in use.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=4096
	CPUCores float64 `json:"cpuCores"`
	// MemoryBytes is the memory in use.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=65536000000000
	MemoryBytes float64 `json:"memoryBytes"`
}

// Usage is a percentage of the capability. It exceeds 100 if demand exceeds the capability. Omitted fields are unknown.
type Usage struct {
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	CPUPercent *float64 `json:"cpuPercent,omitempty"`
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	MemoryPercent *float64 `json:"memoryPercent,omitempty"`
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	IOPercent *float64 `json:"ioPercent,omitempty"`
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	NetworkPercent *float64 `json:"networkPercent,omitempty"`
}

// Trend is the change of usage in percentage points of the capability per hour. Omitted fields are unknown.
type Trend struct {
	// +kubebuilder:validation:Minimum=-12000
	// +kubebuilder:validation:Maximum=12000
	CPUPercent *float64 `json:"cpuPercent,omitempty"`
	// +kubebuilder:validation:Minimum=-12000
	// +kubebuilder:validation:Maximum=12000
	MemoryPercent *float64 `json:"memoryPercent,omitempty"`
	// +kubebuilder:validation:Minimum=-12000
	// +kubebuilder:validation:Maximum=12000
	IOPercent *float64 `json:"ioPercent,omitempty"`
	// +kubebuilder:validation:Minimum=-12000
	// +kubebuilder:validation:Maximum=12000
	NetworkPercent *float64 `json:"networkPercent,omitempty"`
}

// NodeProfileList is a list of profiles.
//
// +kubebuilder:object:root=true
type NodeProfileList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []NodeProfile `json:"items"`
}
