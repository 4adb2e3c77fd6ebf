// Package v1alpha1 is version v1alpha1 of skerry.dev: node pools, and what nodes can do and how busy they are, as objects.
//
// +kubebuilder:object:generate=true
// +groupName=skerry.dev
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion of this package.
var GroupVersion = schema.GroupVersion{Group: "skerry.dev", Version: "v1alpha1"}

// NodeProfiles is the plural under which the API serves profiles.
const NodeProfiles = "nodeprofiles"

// AddToScheme registers the kinds.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion, &FleetNodePool{}, &FleetNodePoolList{}, &NodeProfile{}, &NodeProfileList{})
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
