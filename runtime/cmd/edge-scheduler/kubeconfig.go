package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// withKubeconfig makes the scheduler use $KUBECONFIG. Upstream's scheduler uses only the kubeconfig in its configuration file
// or the pod's service account, so withKubeconfig copies the file of --config and sets clientConnection.kubeconfig, unless
// the file already sets it. Unless the arguments set them, it also sets --authentication-kubeconfig and
// --authorization-kubeconfig, which the scheduler uses to check the clients of its own endpoints. The returned function
// deletes the copy.
func withKubeconfig(args []string, kubeconfig string) ([]string, func(), error) {
	noCleanup := func() {}
	if kubeconfig == "" {
		return args, noCleanup, nil
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
			return nil, noCleanup, err
		}
		config := map[string]any{}
		if err := yaml.Unmarshal(raw, &config); err != nil {
			return nil, noCleanup, fmt.Errorf("%s: %w", path, err)
		}
		connection, _ := config["clientConnection"].(map[string]any)
		if connection == nil {
			connection = map[string]any{}
		}
		if existing, _ := connection["kubeconfig"].(string); existing != "" {
			return args, noCleanup, nil
		}
		connection["kubeconfig"] = kubeconfig
		config["clientConnection"] = connection
		if raw, err = yaml.Marshal(config); err != nil {
			return nil, noCleanup, err
		}
		copied, err := os.CreateTemp("", "edge-scheduler-*.yaml")
		if err != nil {
			return nil, noCleanup, err
		}
		defer copied.Close()
		changed := append([]string{}, args...)
		changed[i] = "--config=" + copied.Name()
		_, err = copied.Write(raw)
		return changed, func() { _ = os.Remove(copied.Name()) }, err
	}
	return args, noCleanup, nil
}
