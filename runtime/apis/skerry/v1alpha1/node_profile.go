package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// NodeProfile is what the node of the same name can do, and how busy it is. The edge scheduler reads it.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:scope=Cluster
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="Cores",type=number,JSONPath=`.spec.capability.cpu`
// +kubebuilder:printcolumn:name="Memory GB",type=number,JSONPath=`.spec.capability.memoryGB`
// +kubebuilder:printcolumn:name="CPU %",type=number,JSONPath=`.status.samples[-1:].cpuPercent`
// +kubebuilder:printcolumn:name="Memory %",type=number,JSONPath=`.status.samples[-1:].memoryPercent`
// +kubebuilder:printcolumn:name="Sampled",type=date,JSONPath=`.status.samples[-1:].time`
type NodeProfile struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              NodeProfileSpec   `json:"spec"`
	Status            NodeProfileStatus `json:"status,omitempty"`
}

// NodeProfileSpec does not change while the machine is the same.
type NodeProfileSpec struct {
	Capability Capability `json:"capability"`
}

// Capability is what the idle machine can do. What is not stated is not known.
type Capability struct {
	// CPU in cores.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=4096
	CPU *float64 `json:"cpu,omitempty"`
	// CoreSpeed is what one core gets done in a given time, against the cores of the fleet's other nodes.
	//
	// +kubebuilder:validation:Minimum=0.001
	// +kubebuilder:validation:Maximum=1000
	CoreSpeed *float64 `json:"coreSpeed,omitempty"`
	// MemoryGB in 10^9 bytes.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=65536
	MemoryGB *float64 `json:"memoryGB,omitempty"`
	// IOPS are random reads of 4 KiB a second.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000000000
	IOPS *float64 `json:"iops,omitempty"`
	// NetworkGbps in 10^9 bits a second.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10000
	NetworkGbps *float64 `json:"networkGbps,omitempty"`
}

// NodeProfileStatus is how busy the machine is.
type NodeProfileStatus struct {
	// Samples, the oldest first. The scheduler takes the newest that its own clock does not find to be of the future.
	//
	// +kubebuilder:validation:MaxItems=128
	Samples []Sample `json:"samples,omitempty"`
	// Pods on the node and what they used, in the mean over the newest sample's window.
	//
	// +optional
	// +kubebuilder:validation:MaxItems=1024
	Pods []PodUsage `json:"pods"`
	// Trend is the change over the last hour of samples.
	Trend *Trend `json:"trend,omitempty"`
}

// Sample is the mean usage over a window of time.
type Sample struct {
	// Time at which the window ended.
	Time metav1.MicroTime `json:"time"`
	// WindowSeconds is how long the window was.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=3600
	WindowSeconds int32 `json:"windowSeconds"`
	Usage         `json:",inline"`
}

// PodUsage is what one pod used.
type PodUsage struct {
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=64
	UID types.UID `json:"uid"`
	// CPUCores of the node.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=4096
	CPUCores float64 `json:"cpuCores"`
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=65536000000000
	MemoryBytes float64 `json:"memoryBytes"`
}

// Usage in per cent of the capability; more than 100 where more is asked for than there is. What is not stated is not known.
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

// Trend of usage, in percentage points of the capability an hour. What is not stated is not known.
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
