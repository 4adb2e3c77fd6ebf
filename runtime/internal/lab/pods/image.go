package pods

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/skerry-dev/skerry/runtime/internal/lab/programs"
)

// Programs in the image of K3s' upgrades.
const (
	imageK3s       = "/opt/k3s"
	imageUpgradeSh = "/bin/upgrade.sh"
)

// commandLine returns the program of a container and its arguments.
func (i *instance) commandLine(root string, spec corev1.Container, environment environment) (program string, args []string, err error) {
	found, ok := i.runner.Programs.Find(spec.Image)
	if !ok {
		return "", nil, fmt.Errorf("image %s must be one that the lab runs as a process, because other images of the pod are", spec.Image)
	}
	args = arguments(spec, environment)
	switch found.Name {
	case programs.Kubectl:
		lab, err := os.Executable()
		return lab, append([]string{"kubectl"}, args...), err
	case programs.K3sUpgrade:
		return i.k3sUpgrade(root, spec, args)
	}
	if found.Name == programs.NodeAgent {
		further, err := i.nodeAgentArguments()
		if err != nil {
			return "", nil, err
		}
		args = append(args, further...)
	}
	program = filepath.Join(i.runner.ToolsDir, found.Name)
	if _, err := os.Stat(program); err != nil {
		return "", nil, fmt.Errorf("image %s runs as program %s, which does not exist", spec.Image, program)
	}
	return program, args, nil
}

// k3sUpgrade returns the command of a container of K3s' upgrades. Its image has the new K3s and a script that replaces K3s on the
// machine; the lab has a stand-in for both. A container shares the file system of the lab, so the paths of the image are replaced
// in its arguments.
func (i *instance) k3sUpgrade(root string, spec corev1.Container, args []string) (program string, _ []string, err error) {
	lab, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	version := programs.K3sVersion(spec.Image)
	if version == "" {
		return "", nil, fmt.Errorf("image %s must have a tag: it is the version of K3s", spec.Image)
	}
	files := map[string]string{
		imageK3s: fmt.Sprintf("exec %q k3s \"$@\"", lab),
		imageUpgradeSh: fmt.Sprintf("exec %q k3s-upgrade --socket %q --cluster %q --node %q --version %q \"$@\"",
			lab, i.runner.Socket, i.runner.Cluster, i.pod.Spec.NodeName, version),
	}
	var replacements []string
	for path, script := range files {
		file := filepath.Join(root, path)
		if err := writeFile(file, []byte("#!/bin/sh\n"+script+"\n")); err != nil {
			return "", nil, err
		}
		if err := os.Chmod(file, 0o700); err != nil {
			return "", nil, err
		}
		replacements = append(replacements, path, file)
	}
	replacer := strings.NewReplacer(replacements...)
	for index := range args {
		args[index] = replacer.Replace(args[index])
	}
	switch {
	case len(spec.Command) > 0:
		return replacer.Replace(spec.Command[0]), args, nil
	case len(args) == 0:
		args = []string{"upgrade"}
	}
	return filepath.Join(root, imageUpgradeSh), args, nil
}
