package pods

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// hostsInterval is the interval at which the hosts files of pods are updated.
const hostsInterval = 2 * time.Second

// hosts returns the content of a hosts file: the services of the cluster whose pods run as processes. It stands for the cluster's
// DNS, and for its service proxy: a name leads to one of the pods that are ready.
func (r *Runner) hosts(pod *corev1.Pod, address string) (string, error) {
	services, err := r.services.List(labels.Everything())
	if err != nil {
		return "", err
	}
	lines := []string{"127.0.0.1 localhost", address + " " + pod.Name}
	for _, service := range services {
		target, err := r.target(service)
		if err != nil {
			return "", err
		}
		if target == "" {
			continue
		}
		name := service.Name + "." + service.Namespace
		line := fmt.Sprintf("%s %s.svc.cluster.local %s.svc %s", target, name, name, name)
		if service.Namespace == pod.Namespace {
			line += " " + service.Name
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n", nil
}

// target returns the address of a ready pod of a service that runs as a process, or "" if there is none.
func (r *Runner) target(service *corev1.Service) (string, error) {
	if len(service.Spec.Selector) == 0 {
		return "", nil
	}
	pods, err := r.lister.Pods(service.Namespace).List(labels.SelectorFromSet(service.Spec.Selector))
	if err != nil {
		return "", err
	}
	var addresses []string
	for _, pod := range pods {
		if r.isLocal(pod) && pod.Status.PodIP != "" && pod.DeletionTimestamp == nil && isReady(pod.Status) {
			addresses = append(addresses, pod.Status.PodIP)
		}
	}
	if len(addresses) == 0 {
		return "", nil
	}
	return slices.Min(addresses), nil
}

func isReady(status corev1.PodStatus) bool {
	return slices.ContainsFunc(status.Conditions, func(condition corev1.PodCondition) bool {
		return condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue
	})
}

func hostsFile(dir string) string { return filepath.Join(dir, "hosts") }

// writeHosts writes the hosts file of the pod. It keeps the file itself, which sandboxes have mounted.
func (i *instance) writeHosts(dir string) error {
	text, err := i.runner.hosts(i.pod, i.address)
	if err != nil {
		return err
	}
	if old, err := os.ReadFile(hostsFile(dir)); err == nil && string(old) == text {
		return nil
	}
	return os.WriteFile(hostsFile(dir), []byte(text), 0o600)
}

// refreshHosts updates the hosts file until the context ends.
func (i *instance) refreshHosts(ctx context.Context, dir string) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(hostsInterval):
		}
		if err := i.writeHosts(dir); err != nil && ctx.Err() == nil {
			i.runner.Logger.Warn("failed to update the hosts file", "cluster", i.runner.Cluster, "pod", i.key, "err", err)
		}
	}
}
