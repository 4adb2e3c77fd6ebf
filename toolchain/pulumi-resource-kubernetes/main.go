// Command pulumi-resource-kubernetes is Pulumi's Kubernetes provider, built from its published Go module.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
)

//go:generate go run generate.go 4.25.0

// version is the provider's release that the pinned module is; npm's @pulumi/kubernetes has the same.
const version = "4.25.0"

//go:embed zz_generated.schema.json
var schema []byte

//go:embed zz_generated.terraform-mapping.json
var terraformMapping []byte

func main() {
	provider.Serve("kubernetes", version, schema, terraformMapping)
}
