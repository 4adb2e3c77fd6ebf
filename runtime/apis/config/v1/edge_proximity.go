// Package v1 defines version 1 of the arguments of Skerry's scheduler plugins, in the API group config.skerry.dev.
//
// The markers of the fields define their defaults and bounds for generated documentation.
package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// APIVersion is the apiVersion of all plugin arguments in this package.
const APIVersion = "config.skerry.dev/v1"

// EdgeProximityArgs are the arguments of the EdgeProximity plugin.
type EdgeProximityArgs struct {
	metav1.TypeMeta `json:",inline"`
	// LinksFile is the path of the file with the round-trip times between regions (links.json, version 1), relative to the
	// scheduler's working directory.
	// +kubebuilder:default=links/links.json
	LinksFile string `json:"linksFile,omitempty"`
	// MeasuredLinksFile is the path of a file with measured links, which replace those of LinksFile. It has the same format,
	// needs no regions, and may be missing.
	// +kubebuilder:default=measured-links/links.json
	MeasuredLinksFile string `json:"measuredLinksFile,omitempty"`
}

// SetDefaults sets every absent field to its default.
func (a *EdgeProximityArgs) SetDefaults() {
	if a.LinksFile == "" {
		a.LinksFile = "links/links.json"
	}
	if a.MeasuredLinksFile == "" {
		a.MeasuredLinksFile = "measured-links/links.json"
	}
}
