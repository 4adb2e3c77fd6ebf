package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion of this package.
var GroupVersion = schema.GroupVersion{Group: "skerry.dev", Version: "v1alpha1"}

// Resource is the plural under which the API serves profiles.
const Resource = "nodeprofiles"

// AddToScheme registers the kinds.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion, &NodeProfile{}, &NodeProfileList{})
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}

// DeepCopy copies a profile with all that it refers to.
func (p *NodeProfile) DeepCopy() *NodeProfile {
	out := *p
	p.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	from := p.Spec.Capability
	out.Spec.Capability = Capability{
		CPU: clone(from.CPU), MemoryGB: clone(from.MemoryGB), IOPS: clone(from.IOPS), NetworkGbps: clone(from.NetworkGbps),
	}
	if p.Status.Samples != nil {
		out.Status.Samples = make([]Sample, len(p.Status.Samples))
		for i, sample := range p.Status.Samples {
			sample.Time = *sample.Time.DeepCopy()
			sample.Usage = sample.Usage.copy()
			out.Status.Samples[i] = sample
		}
	}
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

func clone(value *float64) *float64 {
	if value == nil {
		return nil
	}
	copied := *value
	return &copied
}
