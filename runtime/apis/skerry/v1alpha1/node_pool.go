package v1alpha1

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// NodePool states what a set of nodes must look like.
type NodePool struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              NodePoolSpec   `json:"spec"`
	Status            NodePoolStatus `json:"status,omitempty"`
}

// NodePoolSpec is what a pool states.
type NodePoolSpec struct {
	Selector Selector `json:"selector"`
	// Labels that every node of the pool carries.
	Labels map[string]string `json:"labels,omitempty"`
	// Taints that every node of the pool carries, beside those of others.
	Taints []Taint `json:"taints,omitempty"`
	// Capacity is what the devices offer; it is written on the nodes as an annotation.
	Capacity *Capacity `json:"capacity,omitempty"`
	// Count is how many nodes there should be.
	Count *int32 `json:"count,omitempty"`
}

// Selector says which nodes belong to a pool: by their names, or by the label they registered with.
type Selector struct {
	Names             []string           `json:"names,omitempty"`
	RegistrationLabel *RegistrationLabel `json:"registrationLabel,omitempty"`
}

// RegistrationLabel is a label that a node says when it registers.
type RegistrationLabel struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Taint is a Kubernetes taint.
type Taint struct {
	Key    string             `json:"key"`
	Value  string             `json:"value,omitempty"`
	Effect corev1.TaintEffect `json:"effect"`
}

// Capacity is what one node offers.
type Capacity struct {
	CPUCores    float64 `json:"cpuCores,omitempty"`
	CoreSpeed   float64 `json:"coreSpeed,omitempty"`
	MemoryMiB   int64   `json:"memoryMiB,omitempty"`
	Disk        string  `json:"disk,omitempty"`
	DiskGiB     int64   `json:"diskGiB,omitempty"`
	IOPS        int64   `json:"iops,omitempty"`
	NetworkMbps int64   `json:"networkMbps,omitempty"`
}

// NodePoolStatus is how a pool's nodes stand.
type NodePoolStatus struct {
	ObservedGeneration int64              `json:"observedGeneration,omitempty"`
	Nodes              int32              `json:"nodes"`
	Ready              int32              `json:"ready"`
	Conditions         []metav1.Condition `json:"conditions,omitempty"`
}

// Conditions of a pool.
const (
	// Synced is true while every node of the pool carries what the pool states.
	Synced = "Synced"
	// NodesMissing is true while there are fewer nodes than the pool states, or a named one is not there.
	NodesMissing = "NodesMissing"
)

// NodePoolList is a list of pools.
type NodePoolList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []NodePool `json:"items"`
}

// DeepCopy copies a pool with all that it refers to.
func (p *NodePool) DeepCopy() *NodePool {
	out := *p
	p.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	out.Spec.Selector.Names = slices.Clone(p.Spec.Selector.Names)
	out.Spec.Selector.RegistrationLabel = clone(p.Spec.Selector.RegistrationLabel)
	out.Spec.Labels = maps.Clone(p.Spec.Labels)
	out.Spec.Taints = slices.Clone(p.Spec.Taints)
	out.Spec.Capacity, out.Spec.Count = clone(p.Spec.Capacity), clone(p.Spec.Count)
	out.Status.Conditions = slices.Clone(p.Status.Conditions)
	return &out
}

// DeepCopyObject copies a pool as an object.
func (p *NodePool) DeepCopyObject() runtime.Object { return p.DeepCopy() }

// DeepCopyObject copies a list with its pools.
func (l *NodePoolList) DeepCopyObject() runtime.Object {
	out := *l
	l.ListMeta.DeepCopyInto(&out.ListMeta)
	out.Items = make([]NodePool, len(l.Items))
	for i := range l.Items {
		out.Items[i] = *l.Items[i].DeepCopy()
	}
	return &out
}
