// Package kubernetes holds the few names of Pulumi's generated Kubernetes SDK that the provider itself uses.
// The generated SDK is some hundred thousand lines, and compiling it is most of the provider's build; the
// provider needs it just to register the children of its remote components.
package kubernetes

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// UntypedArgs is a Kubernetes object as plain data; values may be Pulumi inputs.
type UntypedArgs map[string]any

// ElementType tells Pulumi's marshaller that the object is a plain map.
func (UntypedArgs) ElementType() reflect.Type { return reflect.TypeOf((*map[string]any)(nil)).Elem() }

// Object is any Kubernetes object, registered under its own type token.
type Object struct {
	pulumi.CustomResourceState
}
