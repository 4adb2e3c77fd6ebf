// Package demand computes the resources that a pod needs on a node.
package demand

import (
	"fmt"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	resourcehelper "k8s.io/component-helpers/resource"

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// Requests of containers that request nothing, as in upstream's scores (pkg/scheduler/util/pod_resources.go).
const (
	DefaultMilliCPU = 100
	DefaultMemory   = 200 * 1024 * 1024
)

const (
	perCore = 1e3
	giga    = 1e9
	perGbps = 1e3
)

var defaults = corev1.ResourceList{
	corev1.ResourceCPU:    *resource.NewMilliQuantity(DefaultMilliCPU, resource.DecimalSI),
	corev1.ResourceMemory: *resource.NewQuantity(DefaultMemory, resource.BinarySI),
}

// Requests returns the CPU request of a pod in cores and its memory request in bytes.
func Requests(pod *corev1.Pod) (cores, bytes float64) {
	requests := resourcehelper.PodRequests(pod, resourcehelper.PodResourcesOptions{
		NonMissingContainerRequests: defaults,
	})
	return float64(requests.Cpu().MilliValue()) / perCore, float64(requests.Memory().Value())
}

// FromPod returns the demand of a pod: cores and GB from its requests, IOPS and Gbit/s from the annotation
// skerry.dev/resource-demand. Without the annotation, IOPS and Gbit/s are unknown. An invalid annotation is ignored and
// returned as an error, together with the demand.
func FromPod(pod *corev1.Pod) (load.Vector, error) {
	var v load.Vector
	cores, bytes := Requests(pod)
	v.Set(load.CPU, cores)
	v.Set(load.Memory, bytes/giga)
	text, found := pod.Annotations[labels.AnnotationResourceDemand]
	if !found {
		return v, nil
	}
	withAnnotation := v
	for part := range strings.SplitSeq(text, ",") {
		name, number, _ := strings.Cut(strings.TrimSpace(part), "=")
		value, err := strconv.ParseFloat(number, 64)
		if err != nil || !(value > 0) || value > 1e9 {
			return v, invalidAnnotation(text)
		}
		switch name {
		case "iops":
			withAnnotation.Set(load.IO, value)
		case "networkMbps":
			withAnnotation.Set(load.Network, value/perGbps)
		default:
			return v, invalidAnnotation(text)
		}
	}
	return withAnnotation, nil
}

func invalidAnnotation(value string) error {
	return fmt.Errorf("annotation %s: must list numbers above 0, for example iops=500,networkMbps=200, got %q", labels.AnnotationResourceDemand, value)
}
