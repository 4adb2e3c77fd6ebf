// Package validation decodes and validates the arguments of Skerry's scheduler plugins.
package validation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"k8s.io/apimachinery/pkg/runtime"

	configv1 "github.com/skerry-dev/skerry/runtime/apis/config/v1"
)

// DecodeEdgeProximity decodes the arguments of the EdgeProximity plugin from the object that the scheduler passes to the
// plugin's factory. It sets defaults and returns every invalid field as an error, as well as unknown fields and any other
// apiVersion or kind. A nil object yields the defaults.
func DecodeEdgeProximity(object runtime.Object) (*configv1.EdgeProximityArgs, error) {
	args := &configv1.EdgeProximityArgs{}
	return args, decode("EdgeProximity", object, args, func() []string {
		args.SetDefaults()
		return nil
	})
}

// DecodeResourceProfile decodes the arguments of the ResourceProfile plugin, as DecodeEdgeProximity does.
func DecodeResourceProfile(object runtime.Object) (*configv1.ResourceProfileArgs, error) {
	args := &configv1.ResourceProfileArgs{}
	return args, decode("ResourceProfile", object, args, func() []string {
		args.SetDefaults()
		return validateResourceProfile(args)
	})
}

// DecodeLoadAware decodes the arguments of the LoadAware plugin, as DecodeEdgeProximity does.
func DecodeLoadAware(object runtime.Object) (*configv1.LoadAwareArgs, error) {
	args := &configv1.LoadAwareArgs{}
	return args, decode("LoadAware", object, args, func() []string {
		args.SetDefaults()
		return validateLoadAware(args)
	})
}

// decode decodes object into args. Then it calls complete, which sets defaults and returns every problem.
func decode(plugin string, object runtime.Object, args any, complete func() []string) error {
	if object != nil {
		unknown, ok := object.(*runtime.Unknown)
		if !ok {
			return fmt.Errorf("arguments of %s: must be of apiVersion %s and kind %sArgs, got %T", plugin, configv1.APIVersion, plugin, object)
		}
		var header struct {
			APIVersion string `json:"apiVersion"`
			Kind       string `json:"kind"`
		}
		if err := json.Unmarshal(unknown.Raw, &header); err != nil {
			return fmt.Errorf("arguments of %s: %w", plugin, err)
		}
		if header.APIVersion != configv1.APIVersion || header.Kind != plugin+"Args" {
			return fmt.Errorf("arguments of %s: must be of apiVersion %s and kind %sArgs, got apiVersion %q and kind %q",
				plugin, configv1.APIVersion, plugin, header.APIVersion, header.Kind)
		}
		if err := decodeStrict(unknown.Raw, args); err != nil {
			return fmt.Errorf("arguments of %s: %w", plugin, err)
		}
	}
	var problems []error
	for _, problem := range complete() {
		problems = append(problems, fmt.Errorf("arguments of %s: %s", plugin, problem))
	}
	return errors.Join(problems...)
}

func decodeStrict(raw []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("unexpected data after the object")
	}
	return nil
}
