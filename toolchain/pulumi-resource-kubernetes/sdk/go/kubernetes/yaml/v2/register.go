// Package v2 registers Kubernetes objects by their API version and kind.
package v2

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
)

// RegisterResource registers one object under the type token that the generated SDK would use:
// kubernetes:<group>/<version>:<kind>, with "core" for the group without a name.
func RegisterResource(ctx *pulumi.Context, apiVersion, kind, name string, props pulumi.Input,
	opts ...pulumi.ResourceOption,
) (pulumi.CustomResource, error) {
	if !strings.Contains(apiVersion, "/") {
		apiVersion = "core/" + apiVersion
	}
	object := &kubernetes.Object{}
	err := ctx.RegisterResource("kubernetes:"+apiVersion+":"+kind, name, props.(pulumi.Map), object, opts...)
	return object, err
}
