package v1alpha1

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
)

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
	// CoreSpeed is what one core gets done in a given time, against the cores of the fleet's other nodes.
	CoreSpeed *float64 `json:"coreSpeed,omitempty"`
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
	// Pods on the node and what they used, in the mean over the newest sample's window.
	Pods []PodUsage `json:"pods"`
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

// PodUsage is what one pod used.
type PodUsage struct {
	UID types.UID `json:"uid"`
	// CPUCores of the node.
	CPUCores    float64 `json:"cpuCores"`
	MemoryBytes float64 `json:"memoryBytes"`
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

// DeepCopy copies a profile with all that it refers to.
func (p *NodeProfile) DeepCopy() *NodeProfile {
	out := *p
	p.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	from := p.Spec.Capability
	out.Spec.Capability = Capability{
		CPU: clone(from.CPU), CoreSpeed: clone(from.CoreSpeed), MemoryGB: clone(from.MemoryGB), IOPS: clone(from.IOPS), NetworkGbps: clone(from.NetworkGbps),
	}
	if p.Status.Samples != nil {
		out.Status.Samples = make([]Sample, len(p.Status.Samples))
		for i, sample := range p.Status.Samples {
			sample.Time = *sample.Time.DeepCopy()
			sample.Usage = sample.Usage.copy()
			out.Status.Samples[i] = sample
		}
	}
	out.Status.Pods = slices.Clone(p.Status.Pods)
	if p.Status.Trend != nil {
		trend := p.Status.Trend.copy()
		out.Status.Trend = &trend
	}
	return &out
}

func (u Usage) copy() Usage {
	return Usage{
		CPUPercent: clone(u.CPUPercent), MemoryPercent: clone(u.MemoryPercent),
		IOPercent: clone(u.IOPercent), NetworkPercent: clone(u.NetworkPercent),
	}
}

// DeepCopyObject copies a profile as an object.
func (p *NodeProfile) DeepCopyObject() runtime.Object { return p.DeepCopy() }

// DeepCopyObject copies a list with its profiles.
func (l *NodeProfileList) DeepCopyObject() runtime.Object {
	out := *l
	l.ListMeta.DeepCopyInto(&out.ListMeta)
	out.Items = make([]NodeProfile, len(l.Items))
	for i := range l.Items {
		out.Items[i] = *l.Items[i].DeepCopy()
	}
	return &out
}
