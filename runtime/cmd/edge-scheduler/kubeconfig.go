package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// withKubeconfig lets $KUBECONFIG say where the API is, as it does for other programs. Upstream's scheduler only knows
// its configuration file or a pod's service account; so the file that --config names is copied with the field set.
// A file that names a kubeconfig itself stays as it is. Whoever calls the scheduler's own endpoints is asked for there
// too, unless the arguments say otherwise.
func withKubeconfig(args []string, kubeconfig string) ([]string, func(), error) {
	nothing := func() {}
	if kubeconfig == "" {
		return args, nothing, nil
	}
	for _, flag := range []string{"--authentication-kubeconfig=", "--authorization-kubeconfig="} {
		if !slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, flag) }) {
			args = append(slices.Clone(args), flag+kubeconfig)
		}
	}
	for i, arg := range args {
		path, found := strings.CutPrefix(arg, "--config=")
		if !found {
			continue
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, nothing, err
		}
		config := map[string]any{}
		if err := yaml.Unmarshal(raw, &config); err != nil {
			return nil, nothing, fmt.Errorf("%s: %w", path, err)
		}
		connection, _ := config["clientConnection"].(map[string]any)
		if connection == nil {
			connection = map[string]any{}
		}
		if stated, _ := connection["kubeconfig"].(string); stated != "" {
			return args, nothing, nil
		}
		connection["kubeconfig"] = kubeconfig
		config["clientConnection"] = connection
		if raw, err = yaml.Marshal(config); err != nil {
			return nil, nothing, err
		}
		copied, err := os.CreateTemp("", "edge-scheduler-*.yaml")
		if err != nil {
			return nil, nothing, err
		}
		defer copied.Close()
		changed := append([]string{}, args...)
		changed[i] = "--config=" + copied.Name()
		_, err = copied.Write(raw)
		return changed, func() { _ = os.Remove(copied.Name()) }, err
	}
	return args, nothing, nil
}
