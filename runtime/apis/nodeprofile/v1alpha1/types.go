// Package v1alpha1 is version v1alpha1 of skerry.dev: what nodes can do and how busy they are, as objects.
package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// NodeProfile is what is known of the node of the same name.
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
	CPU *float64 `json:"cpu,omitempty"`
	// MemoryGB in 10^9 bytes.
	MemoryGB *float64 `json:"memoryGB,omitempty"`
	// IOPS are random reads of 4 KiB a second.
	IOPS *float64 `json:"iops,omitempty"`
	// NetworkGbps in 10^9 bits a second.
	NetworkGbps *float64 `json:"networkGbps,omitempty"`
}

// NodeProfileStatus is how busy the machine is.
type NodeProfileStatus struct {
	// Samples, the oldest first.
	Samples []Sample `json:"samples,omitempty"`
	// Trend over the last hour of samples.
	Trend *Usage `json:"trend,omitempty"`
}

// Sample is the mean usage over a window of time.
type Sample struct {
	// Time at which the window ended.
	Time metav1.MicroTime `json:"time"`
	// WindowSeconds is how long the window was.
	WindowSeconds int32 `json:"windowSeconds"`
	Usage         `json:",inline"`
}

// Usage in per cent of the capability; as a trend, in percentage points an hour. What is not stated is not known.
type Usage struct {
	CPUPercent     *float64 `json:"cpuPercent,omitempty"`
	MemoryPercent  *float64 `json:"memoryPercent,omitempty"`
	IOPercent      *float64 `json:"ioPercent,omitempty"`
	NetworkPercent *float64 `json:"networkPercent,omitempty"`
}

// NodeProfileList is a list of profiles.
type NodeProfileList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []NodeProfile `json:"items"`
}
