package pods

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// environment holds the environment variables of a container by name.
type environment map[string]string

func (e environment) list() []string {
	list := make([]string, 0, len(e))
	for name, value := range e {
		list = append(list, name+"="+value)
	}
	sort.Strings(list)
	return list
}

var reference = regexp.MustCompile(`\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)`)

// expand replaces $(NAME) as Kubernetes does: $$ is a dollar sign, and references to undefined variables are kept.
func (e environment) expand(text string) string {
	return reference.ReplaceAllStringFunc(text, func(match string) string {
		if match == "$$" {
			return "$"
		}
		if value, ok := e[match[2:len(match)-1]]; ok {
			return value
		}
		return match
	})
}

func (i *instance) environment(ctx context.Context, dir string, spec corev1.Container) (environment, error) {
	e := environment{
		"PATH": os.Getenv("PATH"), "HOME": dir, "TMPDIR": dir, "HOSTNAME": i.pod.Name,
		// Service addresses do not work in the lab, so programs use a kubeconfig as they do outside a pod.
		"KUBECONFIG":                            filepath.Join(dir, "kubeconfig"),
		"SYSTEM_UPGRADE_CONTROLLER_KUBE_CONFIG": filepath.Join(dir, "kubeconfig"),
		// The file shifts the clock of the cluster's programs.
		"SKERRY_CLOCK_OFFSET_FILE": filepath.Join(i.runner.PodsDir, i.runner.Cluster, "clock-offset"),
	}
	if program, _ := i.runner.Programs.Find(spec.Image); program.Sandboxed {
		// They find their token at the path that Kubernetes mounts it at, so they can also connect as in a cluster.
		if server, err := url.Parse(i.runner.server); err == nil {
			e["KUBERNETES_SERVICE_HOST"], e["KUBERNETES_SERVICE_PORT"] = server.Hostname(), server.Port()
		}
	}
	for _, from := range spec.EnvFrom {
		var data map[string][]byte
		var err error
		switch {
		case from.ConfigMapRef != nil:
			data, err = i.configMap(ctx, from.ConfigMapRef.Name, nil, from.ConfigMapRef.Optional)
		case from.SecretRef != nil:
			data, err = i.secret(ctx, from.SecretRef.Name, nil, from.SecretRef.Optional)
		}
		if err != nil {
			return nil, err
		}
		for key, value := range data {
			e[from.Prefix+key] = string(value)
		}
	}
	for _, variable := range spec.Env {
		if variable.ValueFrom == nil {
			e[variable.Name] = e.expand(variable.Value)
			continue
		}
		value, err := i.valueFrom(ctx, variable.ValueFrom)
		if err != nil {
			return nil, fmt.Errorf("environment variable %s: %w", variable.Name, err)
		}
		e[variable.Name] = value
	}
	return e, nil
}

func (i *instance) valueFrom(ctx context.Context, source *corev1.EnvVarSource) (string, error) {
	switch {
	case source.FieldRef != nil:
		return i.field(source.FieldRef.FieldPath)
	case source.ConfigMapKeyRef != nil:
		ref := source.ConfigMapKeyRef
		data, err := i.configMap(ctx, ref.Name, []corev1.KeyToPath{{Key: ref.Key, Path: ref.Key}}, ref.Optional)
		return string(data[ref.Key]), err
	case source.SecretKeyRef != nil:
		ref := source.SecretKeyRef
		data, err := i.secret(ctx, ref.Name, []corev1.KeyToPath{{Key: ref.Key, Path: ref.Key}}, ref.Optional)
		return string(data[ref.Key]), err
	}
	return "", fmt.Errorf("unsupported source: must be one of: fieldRef, configMapKeyRef, secretKeyRef")
}

var metadataKey = regexp.MustCompile(`^metadata\.(labels|annotations)\['([^']+)'\]$`)

func (i *instance) field(path string) (string, error) {
	fields := map[string]string{
		"metadata.name": i.pod.Name, "metadata.namespace": i.pod.Namespace, "metadata.uid": string(i.pod.UID),
		"spec.nodeName": i.pod.Spec.NodeName, "spec.serviceAccountName": i.pod.Spec.ServiceAccountName,
		"status.podIP": i.address, "status.podIPs": i.address, "status.hostIP": i.address, "status.hostIPs": i.address,
	}
	if value, ok := fields[path]; ok {
		return value, nil
	}
	if parts := metadataKey.FindStringSubmatch(path); parts != nil {
		values := map[string]map[string]string{"labels": i.pod.Labels, "annotations": i.pod.Annotations}
		return values[parts[1]][parts[2]], nil
	}
	names := slices.Sorted(maps.Keys(fields))
	return "", fmt.Errorf("unknown field %q: must be one of: %s, metadata.labels['…'], metadata.annotations['…']", path, strings.Join(names, ", "))
}
