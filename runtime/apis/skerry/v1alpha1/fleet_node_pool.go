package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// FleetNodePool is the desired configuration of a set of nodes. The node controller applies its labels, taints and
// capacity to the nodes that it selects.
//
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 63",message="metadata.name must be no more than 63 characters, because it is a label value on the pool's nodes"
// +kubebuilder:object:root=true
// +kubebuilder:resource:scope=Cluster,shortName=fnp
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="Region",type=string,JSONPath=`.spec.labels.topology\.kubernetes\.io/region`
// +kubebuilder:printcolumn:name="Device",type=string,JSONPath=`.spec.labels.device-type`
// +kubebuilder:printcolumn:name="Desired",type=integer,JSONPath=`.spec.count`
// +kubebuilder:printcolumn:name="Nodes",type=integer,JSONPath=`.status.nodes`
// +kubebuilder:printcolumn:name="Ready",type=integer,JSONPath=`.status.readyNodes`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type FleetNodePool struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              FleetNodePoolSpec   `json:"spec"`
	Status            FleetNodePoolStatus `json:"status,omitempty"`
}

// FleetNodePoolSpec is the desired state of a pool's nodes.
type FleetNodePoolSpec struct {
	Selector Selector `json:"selector"`
	// Labels of every node in the pool. Keys in the domains kubernetes.io and k8s.io are reserved for Kubernetes, except
	// topology.kubernetes.io/region and /zone, node.kubernetes.io/exclude-from-external-load-balancers, and keys in
	// node-restriction.kubernetes.io, which no kubelet can write.
	//
	// +kubebuilder:validation:MaxProperties=64
	// +kubebuilder:validation:XValidation:rule="self.all(key, key in ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone', 'node.kubernetes.io/exclude-from-external-load-balancers'] || key.startsWith('node-restriction.kubernetes.io/') || key.contains('.node-restriction.kubernetes.io/') || !('.' + key).contains('.kubernetes.io/') && !('.' + key).contains('.k8s.io/'))",message="must not contain keys in the domains kubernetes.io and k8s.io, which are reserved for Kubernetes; use another domain, or node-restriction.kubernetes.io"
	// +kubebuilder:validation:XValidation:rule="self.all(key, !key.startsWith('skerry.dev.node-restriction.kubernetes.io/'))",message="must not contain keys in the domain skerry.dev.node-restriction.kubernetes.io, which is reserved for the node controller"
	Labels map[string]LabelValue `json:"labels,omitempty"`
	// Taints of every node in the pool, in addition to the node's other taints. Each pair of key and effect must be unique.
	// Keys in the domains kubernetes.io and k8s.io are reserved for Kubernetes.
	//
	// +kubebuilder:validation:MaxItems=32
	// +listType=map
	// +listMapKey=key
	// +listMapKey=effect
	Taints []Taint `json:"taints,omitempty"`
	// Capacity of each node's device. The controller writes it to the annotation skerry.dev/capacity of the node.
	Capacity *Capacity `json:"capacity,omitempty"`
	// Count is the desired number of nodes. The controller reports missing nodes; it does not create any.
	//
	// +kubebuilder:validation:Minimum=0
	Count *int32 `json:"count,omitempty"`
	// ReleasePolicy determines what the controller does to a node that leaves the pool. Remove, the default, removes the
	// pool's labels and taints. Restore also sets those that the node had under the same keys when it joined. It is meant for
	// nodes that existed before the pool.
	//
	// +kubebuilder:validation:Enum=Remove;Restore
	ReleasePolicy ReleasePolicy `json:"releasePolicy,omitempty"`
}

// ReleasePolicy determines what happens to a node that leaves a pool.
type ReleasePolicy string

const (
	// ReleaseRemove removes what the pool has set.
	ReleaseRemove ReleasePolicy = "Remove"
	// ReleaseRestore returns a node to the labels and taints that it had when it joined.
	ReleaseRestore ReleasePolicy = "Restore"
)

// LabelValue is the value of a label.
//
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:Pattern=`^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$`
type LabelValue string

// Selector selects the nodes of a pool, by name or by registration label. A named node belongs to the pool while its name
// is listed. A node with the registration label joins the pool once and then stays, even if its label changes.
//
// +kubebuilder:validation:XValidation:rule="has(self.names) != has(self.registrationLabel)",message="must specify exactly one of names and registrationLabel"
type Selector struct {
	// Names of the nodes in the pool.
	//
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5000
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=253
	Names []string `json:"names,omitempty"`
	// RegistrationLabel selects the nodes that register with this label.
	RegistrationLabel *RegistrationLabel `json:"registrationLabel,omitempty"`
}

// RegistrationLabel is a label that a node sets on itself when it registers.
type RegistrationLabel struct {
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=317
	Key string `json:"key"`
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Value string `json:"value"`
}

// Taint is a taint of a node.
type Taint struct {
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=317
	// +kubebuilder:validation:Pattern=`^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$`
	// +kubebuilder:validation:XValidation:rule="!('.' + self).contains('.kubernetes.io/') && !('.' + self).contains('.k8s.io/')",message="must not be in the domains kubernetes.io and k8s.io, which are reserved for Kubernetes; use another domain"
	Key string `json:"key"`
	// +optional
	Value LabelValue `json:"value,omitempty"`
	// +kubebuilder:validation:Enum=NoSchedule;PreferNoSchedule;NoExecute
	Effect corev1.TaintEffect `json:"effect"`
}

// Capacity is the hardware of one node.
type Capacity struct {
	// CPUCores is the number of processor cores.
	//
	// +kubebuilder:validation:Minimum=0
	CPUCores float64 `json:"cpuCores,omitempty"`
	// CoreSpeed is the speed of one core, relative to the cores of the fleet's other nodes.
	//
	// +kubebuilder:validation:Minimum=0.001
	// +kubebuilder:validation:Maximum=1000
	CoreSpeed float64 `json:"coreSpeed,omitempty"`
	// MemoryMiB is the size of the memory in MiB.
	//
	// +kubebuilder:validation:Minimum=0
	MemoryMiB int64 `json:"memoryMiB,omitempty"`
	// Disk is the type of the disk.
	//
	// +kubebuilder:validation:Enum=sd;emmc;ssd;nvme
	Disk string `json:"disk,omitempty"`
	// DiskGiB is the size of the disk in GiB.
	//
	// +kubebuilder:validation:Minimum=0
	DiskGiB int64 `json:"diskGiB,omitempty"`
	// IOPS is the number of random reads of 4 KiB per second.
	//
	// +kubebuilder:validation:Minimum=0
	IOPS int64 `json:"iops,omitempty"`
	// NetworkMbps is the network bandwidth in 10^6 bits per second.
	//
	// +kubebuilder:validation:Minimum=0
	NetworkMbps int64 `json:"networkMbps,omitempty"`
}

// FleetNodePoolStatus is the observed state of a pool's nodes.
type FleetNodePoolStatus struct {
	// ObservedGeneration is the generation of the spec that this status describes.
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// Nodes is the number of nodes in the pool.
	Nodes int32 `json:"nodes"`
	// ReadyNodes is the number of nodes in the pool that are ready.
	ReadyNodes int32 `json:"readyNodes"`
	// ManagedKeys lists the labels and taints that the controller may have set on nodes of this pool. The controller removes
	// them from a node when they leave the spec or the node leaves the pool.
	ManagedKeys ManagedKeys `json:"managedKeys,omitempty"`
	// Originals lists what the nodes of a pool with the release policy Restore had before the pool changed them. The
	// controller records it before it changes a node. Nodes with nothing to restore have no entry.
	//
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=5000
	Originals []Originals `json:"originals,omitempty"`
	// Conditions of the pool: Synced and NodesMissing.
	//
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// ManagedKeys lists labels and taints by key. The controller adds keys before it changes a node, and drops those that left
// the spec after all nodes have been updated. They are stored in the pool because a kubelet can write to its own node.
type ManagedKeys struct {
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

// TaintKey identifies a taint among the taints of a node.
type TaintKey struct {
	Key    string             `json:"key"`
	Effect corev1.TaintEffect `json:"effect"`
}

// Originals holds the labels and taints that nodes had under keys of a pool. Nodes with equal ones share an entry.
type Originals struct {
	// Nodes are the names of the nodes.
	//
	// +listType=set
	// +kubebuilder:validation:MaxItems=5000
	Nodes []string `json:"nodes"`
	// Labels by key.
	Labels map[string]LabelValue `json:"labels,omitempty"`
	// Taints that the nodes had.
	//
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	Taints []OriginalTaint `json:"taints,omitempty"`
}

// OriginalTaint is a taint that a node had. Its values are those of the node, so they are not validated again.
type OriginalTaint struct {
	Key    string             `json:"key"`
	Value  string             `json:"value,omitempty"`
	Effect corev1.TaintEffect `json:"effect"`
}

// Finalizer keeps a deleted pool until all of its nodes have been released.
const Finalizer = "skerry.dev/nodes-released"

// Condition types of a pool.
const (
	// Synced is true if all nodes of the pool match its spec.
	Synced = "Synced"
	// NodesMissing is true if the pool has fewer nodes than its count, or a named node does not exist.
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
