// Package v1alpha1 contains API group skerry.dev, version v1alpha1: FleetNodePool configures nodes, and NodeProfile reports
// their hardware and usage.
//
// +kubebuilder:object:generate=true
// +groupName=skerry.dev
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the group and version of the kinds in this package.
var GroupVersion = schema.GroupVersion{Group: "skerry.dev", Version: "v1alpha1"}

// NodeProfiles is the resource name of NodeProfile.
const NodeProfiles = "nodeprofiles"

// AddToScheme adds the kinds of this package to a scheme.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion, &FleetNodePool{}, &FleetNodePoolList{}, &NodeProfile{}, &NodeProfileList{})
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
