package usage

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/skerry-dev/skerry/runtime/internal/lab/traces"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
	pools "github.com/skerry-dev/skerry/runtime/pkg/nodepool"
)

type flat float64

func (f flat) At(time.Time) float64 { return float64(f) }

func TestProfile(t *testing.T) {
	node := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: "n", UID: "u"},
		Status: corev1.NodeStatus{Capacity: corev1.ResourceList{
			corev1.ResourceCPU: resource.MustParse("4"), corev1.ResourceMemory: resource.MustParse("8Gi"),
		}},
	}
	machine := traces.Machine{CPU: flat(20), Memory: flat(40), IO: flat(5), Network: flat(10)}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	object := Profile(node, machine, Used{Cores: 0.25, Memory: 0.1}, now, 30*time.Second)
	profile := load.FromObject(object)
	for d, want := range map[load.Dimension]float64{load.CPU: 0.45, load.Memory: 0.5, load.IO: 0.05, load.Network: 0.1} {
		if got, known := profile.Usage.Get(d); !known || got < want-1e-9 || got > want+1e-9 {
			t.Errorf("%s: got %v, want %v", d, got, want)
		}
	}
	if !profile.Time.Equal(now) || profile.Window != 30*time.Second || object.OwnerReferences[0].UID != "u" {
		t.Errorf("%+v", object)
	}
	if _, known := profile.Capability.Get(load.IO); known {
		t.Error("disks are known before anybody said what they are")
	}
	node.Annotations = map[string]string{pools.Capacity: `{"iops":3200,"networkMbps":1000}`}
	told := load.FromObject(Profile(node, machine, Used{}, now, 30*time.Second))
	iops, _ := told.Capability.Get(load.IO)
	gbps, _ := told.Capability.Get(load.Network)
	if memory, _ := told.Capability.Get(load.Memory); iops != 3200 || gbps != 1 || memory != 8.6 {
		t.Errorf("got %v iops, %v Gbit/s, %v GB", iops, gbps, memory)
	}
}
