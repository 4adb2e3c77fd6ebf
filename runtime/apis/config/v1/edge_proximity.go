// Package v1 is version 1 of the arguments of Skerry's scheduler plugins, group config.skerry.dev.
package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// APIVersion of the arguments.
const APIVersion = "config.skerry.dev/v1"

// EdgeProximityArgs configure the plugin EdgeProximity.
type EdgeProximityArgs struct {
	metav1.TypeMeta `json:",inline"`
	// LinksFile is the path of the file with the round-trip times between regions (links.json, version 1), relative to
	// the working directory.
	// +kubebuilder:default=links/links.json
	LinksFile string `json:"linksFile,omitempty"`
}

// SetDefaults sets every absent field to its default.
func (a *EdgeProximityArgs) SetDefaults() {
	if a.LinksFile == "" {
		a.LinksFile = "links/links.json"
	}
}
