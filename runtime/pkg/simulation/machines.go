package simulation

import (
	"fmt"
	"math/rand/v2"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// Device is a kind of machine.
type Device struct {
	Name        string
	Cores       float64
	MemoryGB    float64
	IOPS        float64
	NetworkGbps float64
	// Speed of one core against the slowest device's.
	Speed float64
}

// Devices of fleet/devices.ts, which says where the figures come from. The speed of a core is assumed, but for one: the
// maker says of a Raspberry Pi 5 that it is two to three times as fast as a Raspberry Pi 4 (product brief).
var Devices = []Device{
	{"raspberry-pi-4", 4, 4.3, 3200, 1, 1},
	{"raspberry-pi-5", 4, 8.6, 40000, 1, 2.5},
	{"jetson-orin-nano", 6, 8.6, 40000, 1, 2},
	{"iot-gateway-x86", 4, 8.6, 11000, 1, 2},
	{"m6i.xlarge", 4, 17.2, 3000, 12.5, 5},
}

// Nodes of mixed devices, shared out evenly over the regions.
func Nodes(count int, regions []string, devices []Device) []*corev1.Node {
	nodes := make([]*corev1.Node, count)
	for i := range nodes {
		device, region := devices[(i/len(regions))%len(devices)], regions[i%len(regions)]
		room := corev1.ResourceList{
			corev1.ResourceCPU:    *resource.NewMilliQuantity(int64(device.Cores*1000), resource.DecimalSI),
			corev1.ResourceMemory: *resource.NewQuantity(int64(device.MemoryGB*1e9), resource.DecimalSI),
			corev1.ResourcePods:   *resource.NewQuantity(110, resource.DecimalSI),
		}
		name := fmt.Sprintf("%s-%05d", region, i)
		nodes[i] = &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{
				"kubernetes.io/hostname": name, labels.NodeType: labels.ValueEdgeWorker, labels.EdgeRegion: region,
				labels.DeviceType: device.Name, labels.TopologyRegion: region, labels.TopologyZone: region + "-a",
			}},
			Status: corev1.NodeStatus{
				Capacity: room, Allocatable: room,
				Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
			},
		}
	}
	return nodes
}

// Profiles of nodes at a moment, with usage drawn between idle and most.
func Profiles(nodes []*corev1.Node, devices []Device, at time.Time, most float64, random *rand.Rand) *load.Store {
	byName := map[string]Device{}
	for _, device := range devices {
		byName[device.Name] = device
	}
	store := &load.Store{}
	for _, node := range nodes {
		d := byName[node.Labels[labels.DeviceType]]
		draw := func() float64 { return most * random.Float64() }
		store.Put(node.Name, &load.Profile{
			Capability: load.NewVector(d.Cores, d.MemoryGB, d.IOPS, d.NetworkGbps),
			Usage:      load.NewVector(draw(), draw(), draw(), draw()), Time: at, Window: 30 * time.Second,
		})
	}
	return store
}
