// Package validation decodes and checks the arguments of Skerry's scheduler plugins.
package validation

import (
	"bytes"
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"

	configv1 "github.com/skerry-dev/skerry/runtime/apis/config/v1"
)

// DecodeEdgeProximity reads the plugin's arguments as the scheduler hands them over. Unknown fields, another version
// and another kind are refused; no arguments at all mean the defaults.
func DecodeEdgeProximity(object runtime.Object) (*configv1.EdgeProximityArgs, error) {
	args := &configv1.EdgeProximityArgs{}
	if object != nil {
		unknown, ok := object.(*runtime.Unknown)
		if !ok {
			return nil, fmt.Errorf("arguments of EdgeProximity: got %T, want %s, kind EdgeProximityArgs", object, configv1.APIVersion)
		}
		if err := strict(unknown.Raw, args); err != nil {
			return nil, fmt.Errorf("arguments of EdgeProximity: %w", err)
		}
		if args.APIVersion != configv1.APIVersion || args.Kind != "EdgeProximityArgs" {
			return nil, fmt.Errorf("arguments of EdgeProximity: got apiVersion %q, kind %q; allowed %s, EdgeProximityArgs",
				args.APIVersion, args.Kind, configv1.APIVersion)
		}
	}
	args.SetDefaults()
	return args, nil
}

func strict(raw []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}
