// Package validation decodes and checks the arguments of Skerry's scheduler plugins.
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

// DecodeEdgeProximity reads the plugin's arguments as the scheduler hands them over. Unknown fields, another version
// and another kind are refused; no arguments at all mean the defaults.
func DecodeEdgeProximity(object runtime.Object) (*configv1.EdgeProximityArgs, error) {
	args := &configv1.EdgeProximityArgs{}
	return args, decode("EdgeProximity", object, args, func() []string {
		args.SetDefaults()
		return nil
	})
}

// DecodeResourceProfile is DecodeEdgeProximity for ResourceProfile.
func DecodeResourceProfile(object runtime.Object) (*configv1.ResourceProfileArgs, error) {
	args := &configv1.ResourceProfileArgs{}
	return args, decode("ResourceProfile", object, args, func() []string {
		args.SetDefaults()
		return resourceProfile(args)
	})
}

// DecodeLoadAware is DecodeEdgeProximity for LoadAware.
func DecodeLoadAware(object runtime.Object) (*configv1.LoadAwareArgs, error) {
	args := &configv1.LoadAwareArgs{}
	return args, decode("LoadAware", object, args, func() []string {
		args.SetDefaults()
		return loadAware(args)
	})
}

// decode reads into args, and lets check fill in defaults and name every problem.
func decode(plugin string, object runtime.Object, args any, check func() []string) error {
	if object != nil {
		unknown, ok := object.(*runtime.Unknown)
		if !ok {
			return fmt.Errorf("arguments of %s: got %T, want %s, kind %sArgs", plugin, object, configv1.APIVersion, plugin)
		}
		var header struct {
			APIVersion string `json:"apiVersion"`
			Kind       string `json:"kind"`
		}
		if err := json.Unmarshal(unknown.Raw, &header); err != nil {
			return fmt.Errorf("arguments of %s: %w", plugin, err)
		}
		if header.APIVersion != configv1.APIVersion || header.Kind != plugin+"Args" {
			return fmt.Errorf("arguments of %s: got apiVersion %q, kind %q; allowed %s, %sArgs",
				plugin, header.APIVersion, header.Kind, configv1.APIVersion, plugin)
		}
		if err := strict(unknown.Raw, args); err != nil {
			return fmt.Errorf("arguments of %s: %w", plugin, err)
		}
	}
	var problems []error
	for _, problem := range check() {
		problems = append(problems, fmt.Errorf("arguments of %s: %s", plugin, problem))
	}
	return errors.Join(problems...)
}

func strict(raw []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("text after the end")
	}
	return nil
}
