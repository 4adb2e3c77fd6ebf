package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// FleetNodePool states what a set of nodes must look like. The node controller keeps it true.
//
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 63",message="metadata.name must have at most 63 characters: it is the value of a label on the pool's nodes"
// +kubebuilder:object:root=true
// +kubebuilder:resource:scope=Cluster
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="Region",type=string,JSONPath=`.spec.labels.topology\.kubernetes\.io/region`
// +kubebuilder:printcolumn:name="Device",type=string,JSONPath=`.spec.labels.device-type`
// +kubebuilder:printcolumn:name="Stated",type=integer,JSONPath=`.spec.count`
// +kubebuilder:printcolumn:name="Nodes",type=integer,JSONPath=`.status.nodes`
// +kubebuilder:printcolumn:name="Ready",type=integer,JSONPath=`.status.ready`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type FleetNodePool struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              FleetNodePoolSpec   `json:"spec"`
	Status            FleetNodePoolStatus `json:"status,omitempty"`
}

// FleetNodePoolSpec is what a pool states.
type FleetNodePoolSpec struct {
	Selector Selector `json:"selector"`
	// Labels that every node of the pool carries. Kubernetes owns the keys in the domains kubernetes.io and k8s.io, except
	// topology.kubernetes.io/region and /zone, node.kubernetes.io/exclude-from-external-load-balancers, and keys in
	// node-restriction.kubernetes.io, which no kubelet can write.
	//
	// +kubebuilder:validation:MaxProperties=64
	// +kubebuilder:validation:XValidation:rule="self.all(key, key in ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone', 'node.kubernetes.io/exclude-from-external-load-balancers'] || key.startsWith('node-restriction.kubernetes.io/') || key.contains('.node-restriction.kubernetes.io/') || !('.' + key).contains('.kubernetes.io/') && !('.' + key).contains('.k8s.io/'))",message="keys in the domains kubernetes.io and k8s.io belong to Kubernetes: choose a domain of your own, or node-restriction.kubernetes.io"
	// +kubebuilder:validation:XValidation:rule="self.all(key, !key.startsWith('skerry.dev.node-restriction.kubernetes.io/'))",message="keys in the domain skerry.dev.node-restriction.kubernetes.io belong to the node controller"
	Labels map[string]LabelValue `json:"labels,omitempty"`
	// Taints that every node of the pool carries, in addition to those that others put on it. One taint per key and effect.
	// Kubernetes owns the keys in the domains kubernetes.io and k8s.io.
	//
	// +kubebuilder:validation:MaxItems=32
	// +listType=map
	// +listMapKey=key
	// +listMapKey=effect
	Taints []Taint `json:"taints,omitempty"`
	// Capacity is what the devices offer; it is written on the nodes as an annotation.
	Capacity *Capacity `json:"capacity,omitempty"`
	// Count is how many nodes there should be.
	//
	// +kubebuilder:validation:Minimum=0
	Count *int32 `json:"count,omitempty"`
}

// LabelValue is the value of a label.
//
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:Pattern=`^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$`
type LabelValue string

// Selector says which nodes belong to a pool: by their names, or by the label with which they register. A name counts
// for as long as it is listed. A registration label counts once: the node then belongs to the pool, whatever its labels
// say later.
//
// +kubebuilder:validation:XValidation:rule="has(self.names) != has(self.registrationLabel)",message="state either names or registrationLabel"
type Selector struct {
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5000
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=253
	Names             []string           `json:"names,omitempty"`
	RegistrationLabel *RegistrationLabel `json:"registrationLabel,omitempty"`
}

// RegistrationLabel is a label that a node says when it registers.
type RegistrationLabel struct {
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=317
	Key string `json:"key"`
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Value string `json:"value"`
}

// Taint is a Kubernetes taint.
type Taint struct {
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=317
	// +kubebuilder:validation:Pattern=`^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$`
	// +kubebuilder:validation:XValidation:rule="!('.' + self).contains('.kubernetes.io/') && !('.' + self).contains('.k8s.io/')",message="keys in the domains kubernetes.io and k8s.io belong to Kubernetes: choose a domain of your own"
	Key string `json:"key"`
	// +optional
	Value LabelValue `json:"value,omitempty"`
	// +kubebuilder:validation:Enum=NoSchedule;PreferNoSchedule;NoExecute
	Effect corev1.TaintEffect `json:"effect"`
}

// Capacity is what one node offers.
type Capacity struct {
	// +kubebuilder:validation:Minimum=0
	CPUCores float64 `json:"cpuCores,omitempty"`
	// CoreSpeed is what one core gets done in a given time, against the cores of the fleet's other nodes.
	//
	// +kubebuilder:validation:Minimum=0.001
	// +kubebuilder:validation:Maximum=1000
	CoreSpeed float64 `json:"coreSpeed,omitempty"`
	// +kubebuilder:validation:Minimum=0
	MemoryMiB int64 `json:"memoryMiB,omitempty"`
	// +kubebuilder:validation:Enum=sd;emmc;ssd;nvme
	Disk string `json:"disk,omitempty"`
	// +kubebuilder:validation:Minimum=0
	DiskGiB int64 `json:"diskGiB,omitempty"`
	// +kubebuilder:validation:Minimum=0
	IOPS int64 `json:"iops,omitempty"`
	// +kubebuilder:validation:Minimum=0
	NetworkMbps int64 `json:"networkMbps,omitempty"`
}

// FleetNodePoolStatus is how a pool's nodes stand.
type FleetNodePoolStatus struct {
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// Nodes of the pool that are there.
	Nodes int32 `json:"nodes"`
	// Ready of them.
	Ready int32 `json:"ready"`
	// Applied is what the controller may have put on nodes of this pool: what to remove from a node once the pool no longer
	// states it, or the node leaves.
	Applied Applied `json:"applied,omitempty"`
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Applied is a record of keys. It is written before the first node is changed, and shrinks once every node is as stated.
// It is kept here because a kubelet can write what is on its node.
type Applied struct {
	// Labels by key.
	//
	// +listType=set
	// +kubebuilder:validation:MaxItems=1024
	Labels []string `json:"labels,omitempty"`
	// Taints by key and effect.
	//
	// +listType=map
	// +listMapKey=key
	// +listMapKey=effect
	// +kubebuilder:validation:MaxItems=1024
	Taints []TaintKey `json:"taints,omitempty"`
}

// TaintKey tells a taint from the other taints of a node.
type TaintKey struct {
	Key    string             `json:"key"`
	Effect corev1.TaintEffect `json:"effect"`
}

// Finalizer of a pool: it goes when every node has left.
const Finalizer = "skerry.dev/nodes-released"

// Conditions of a pool.
const (
	// Synced is true while every node of the pool carries what the pool states.
	Synced = "Synced"
	// NodesMissing is true while there are fewer nodes than the pool states, or a named one is not there.
	NodesMissing = "NodesMissing"
)

// FleetNodePoolList is a list of pools.
//
// +kubebuilder:object:root=true
type FleetNodePoolList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []FleetNodePool `json:"items"`
}
