package demand

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

func pod(annotation string) *corev1.Pod {
	p := &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{
		{Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("250m"), corev1.ResourceMemory: resource.MustParse("1Gi")}}},
		{},
	}}}
	if annotation != "" {
		p.ObjectMeta = metav1.ObjectMeta{Annotations: map[string]string{labels.AnnotationResourceDemand: annotation}}
	}
	return p
}

func TestFromPodReadsRequestsAndAnnotation(t *testing.T) {
	v, err := FromPod(pod("iops=500, networkMbps=200"))
	if err != nil {
		t.Fatal(err)
	}
	cores, _ := v.Get(load.CPU)
	memory, _ := v.Get(load.Memory)
	iops, _ := v.Get(load.IO)
	gbps, _ := v.Get(load.Network)
	// The second container requests nothing and counts with upstream's defaults.
	if cores != 0.35 || memory != float64(1<<30+DefaultMemory)/1e9 || iops != 500 || gbps != 0.2 {
		t.Errorf("got %v, %v, %v, %v", cores, memory, iops, gbps)
	}
}

func TestFromPodIgnoresInvalidAnnotations(t *testing.T) {
	for _, text := range []string{"iops", "iops=", "iops=0", "iops=-1", "iops=NaN", "iops=Inf", "disks=3", "iops=1,", "iops=1e10"} {
		v, err := FromPod(pod(text))
		if _, known := v.Get(load.IO); err == nil || known {
			t.Errorf("%q: accepted (%v)", text, err)
		}
		if cores, _ := v.Get(load.CPU); cores != 0.35 {
			t.Errorf("%q: got %v cores", text, cores)
		}
	}
}

func FuzzFromPod(f *testing.F) {
	f.Add("iops=500,networkMbps=200")
	f.Fuzz(func(t *testing.T, text string) {
		v, err := FromPod(pod(text))
		if iops, known := v.Get(load.IO); known && (err != nil || !(iops > 0)) {
			t.Errorf("%q: %v iops (%v)", text, iops, err)
		}
	})
}
