// Package demand is what a pod asks of a node.
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

// What a container that requests nothing is reckoned with, as upstream's scores do (pkg/scheduler/util/pod_resources.go).
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

// Requests of a pod: cores, and bytes.
func Requests(pod *corev1.Pod) (cores, bytes float64) {
	requests := resourcehelper.PodRequests(pod, resourcehelper.PodResourcesOptions{
		NonMissingContainerRequests: defaults,
	})
	return float64(requests.Cpu().MilliValue()) / perCore, float64(requests.Memory().Value())
}

// Of a pod: cores and GB by its requests; IOPS and Gbit/s by its annotation, unknown without. An annotation that cannot
// be read counts as none, and the error says why.
func Of(pod *corev1.Pod) (load.Vector, error) {
	var v load.Vector
	cores, bytes := Requests(pod)
	v.Set(load.CPU, cores)
	v.Set(load.Memory, bytes/giga)
	text, stated := pod.Annotations[labels.AnnotationResourceDemand]
	if !stated {
		return v, nil
	}
	withAnnotation := v
	for part := range strings.SplitSeq(text, ",") {
		name, number, _ := strings.Cut(strings.TrimSpace(part), "=")
		value, err := strconv.ParseFloat(number, 64)
		if err != nil || !(value > 0) || value > 1e9 {
			return v, problem(text)
		}
		switch name {
		case "iops":
			withAnnotation.Set(load.IO, value)
		case "networkMbps":
			withAnnotation.Set(load.Network, value/perGbps)
		default:
			return v, problem(text)
		}
	}
	return withAnnotation, nil
}

func problem(got string) error {
	return fmt.Errorf("annotation %s: got %q, allowed numbers above 0 as in iops=500,networkMbps=200", labels.AnnotationResourceDemand, got)
}
