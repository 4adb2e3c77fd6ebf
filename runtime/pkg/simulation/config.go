// Package simulation runs the real scheduler, with its real plugins, where there is no cluster.
package simulation

import (
	"fmt"

	"k8s.io/kubernetes/pkg/scheduler/apis/config"
	"k8s.io/kubernetes/pkg/scheduler/apis/config/scheme"
)

// Decode reads a KubeSchedulerConfiguration as the scheduler's command does: defaults filled in, unknown fields refused.
func Decode(raw []byte) (*config.KubeSchedulerConfiguration, error) {
	object, kind, err := scheme.Codecs.UniversalDecoder().Decode(raw, nil, nil)
	if err != nil {
		return nil, err
	}
	decoded, ok := object.(*config.KubeSchedulerConfiguration)
	if !ok {
		return nil, fmt.Errorf("got %s, allowed KubeSchedulerConfiguration", kind)
	}
	return decoded, nil
}
