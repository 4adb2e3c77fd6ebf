package placement

import (
	"fmt"
	"path"
	"strings"

	corev1 "k8s.io/api/core/v1"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/kubernetes/pkg/scheduler/apis/config/validation"

	"github.com/skerry-dev/skerry/runtime/pkg/links"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation"
)

// upstreamConfiguration is what kube-scheduler runs with when it has no configuration file, as in K3s.
const upstreamConfiguration = `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles: [{schedulerName: default-scheduler}]
`

// readConfigurations decodes and validates the configurations of the schedulers, and adds upstream's if none has a
// profile for pods that name no scheduler.
func (in *input) readConfigurations(texts []string, at string) error {
	var problems []error
	profiles := map[string]string{}
	for i, text := range texts {
		here := fmt.Sprintf("%s[%d]", at, i)
		decoded, err := simulation.Decode([]byte(text))
		if err == nil {
			err = validation.ValidateKubeSchedulerConfiguration(decoded)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", here, err))
			continue
		}
		for _, profile := range decoded.Profiles {
			if first := profiles[profile.SchedulerName]; first != "" {
				problems = append(problems, fmt.Errorf("%s: profile %q is a profile of %s, too", here, profile.SchedulerName, first))
			}
			profiles[profile.SchedulerName] = here
		}
		if len(decoded.Extenders) > 0 {
			in.ignore(here, "scheduler extenders are not modelled")
			decoded.Extenders = nil
		}
		in.configs = append(in.configs, decoded)
	}
	if profiles[corev1.DefaultSchedulerName] == "" {
		decoded, err := simulation.Decode([]byte(upstreamConfiguration))
		if err != nil {
			return err
		}
		in.configs = append(in.configs, decoded)
	}
	return utilerrors.NewAggregate(problems)
}

// linksOf reads the file that EdgeProximity names from the ConfigMap that has a key of that name.
func (in *input) linksOf(file string) (*links.Matrix, error) {
	key := path.Base(file)
	var holders []string
	var text string
	for _, candidate := range in.configMaps {
		if content, has := candidate.Data[key]; has {
			holders = append(holders, candidate.Namespace+"/"+candidate.Name)
			text = content
		}
	}
	switch len(holders) {
	case 0:
		return nil, fmt.Errorf("%s: no ConfigMap has the key %q", file, key)
	case 1:
		return links.Parse([]byte(text))
	}
	return nil, fmt.Errorf("%s: %d ConfigMaps have the key %q: %s", file, len(holders), key, strings.Join(holders, ", "))
}
