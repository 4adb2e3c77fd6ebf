// Package v1 defines version 1 of the arguments of Skerry's scheduler plugins, in the API group config.skerry.dev.
package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// APIVersion is the apiVersion of all plugin arguments in this package.
const APIVersion = "config.skerry.dev/v1"

// EdgeProximityArgs are the arguments of the EdgeProximity plugin.
type EdgeProximityArgs struct {
	metav1.TypeMeta `json:",inline"`
	// LinksFile is the path of the file with the round-trip times between regions (links.json, version 1). A relative path
	// is resolved against the scheduler's working directory. Defaults to links/links.json.
	LinksFile string `json:"linksFile,omitempty"`
}

// SetDefaults sets the fields that are empty.
func (a *EdgeProximityArgs) SetDefaults() {
	if a.LinksFile == "" {
		a.LinksFile = "links/links.json"
	}
}
