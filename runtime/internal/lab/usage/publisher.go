// Package usage publishes how busy the lab's machines are, as an agent on each of them would.
package usage

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/internal/lab/traces"
	"github.com/skerry-dev/skerry/runtime/pkg/demand"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
	"github.com/skerry-dev/skerry/runtime/pkg/nodepool"
)

// Publisher writes a NodeProfile for each node of one cluster.
type Publisher struct {
	Kubeconfig string
	Traces     *traces.Library
	// Every so often a sample is published; it is the mean over the time since the last.
	Every  time.Duration
	Logger *slog.Logger
}

// kept samples of each profile: enough to see a step.
const kept = 3

// Run publishes until the context ends. While the cluster does not know the kind, it waits.
func (p *Publisher) Run(ctx context.Context) error {
	config, err := clientcmd.BuildConfigFromFlags("", p.Kubeconfig)
	if err != nil {
		return err
	}
	config.QPS, config.Burst = 100, 200
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	profiles, err := v1alpha1.NewClient(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	r := &round{
		Publisher: p, profiles: profiles,
		nodes: factory.Core().V1().Nodes().Lister(), pods: factory.Core().V1().Pods().Lister(),
	}
	factory.StartWithContext(ctx)
	defer factory.Shutdown()
	factory.WaitForCacheSyncWithContext(ctx)
	ticker := time.NewTicker(p.Every)
	defer ticker.Stop()
	for wait := time.NewTimer(0); ; {
		select {
		case <-ctx.Done():
			return nil
		case <-wait.C:
		case <-ticker.C:
		}
		if err := r.publish(ctx, time.Now()); err != nil && ctx.Err() == nil {
			p.Logger.Debug("usage not published", "problem", err.Error())
			// Most often the kind is not there yet.
			wait.Reset(min(p.Every, 2*time.Second))
		}
	}
}

type round struct {
	*Publisher
	profiles rest.Interface
	nodes    corelisters.NodeLister
	pods     corelisters.PodLister
}

func (r *round) publish(ctx context.Context, now time.Time) error {
	nodes, err := r.nodes.List(labels.Everything())
	if err != nil {
		return err
	}
	pods, err := r.pods.List(labels.Everything())
	if err != nil {
		return err
	}
	// A simulated pod uses what it requests.
	used := map[string][]v1alpha1.PodUsage{}
	for _, pod := range pods {
		if pod.Spec.NodeName != "" && pod.Status.Phase == corev1.PodRunning {
			cores, bytes := demand.Requests(pod)
			used[pod.Spec.NodeName] = append(used[pod.Spec.NodeName], v1alpha1.PodUsage{UID: pod.UID, CPUCores: cores, MemoryBytes: bytes})
		}
	}
	var problems []error
	for _, node := range nodes {
		of := used[node.Name]
		slices.SortFunc(of, func(a, b v1alpha1.PodUsage) int { return cmp.Compare(a.UID, b.UID) })
		// One node's trouble, such as its end, is not the others'.
		if err := r.write(ctx, Profile(node, r.Traces.Machine(node.Name), of, now, r.Every)); err != nil {
			problems = append(problems, fmt.Errorf("node %s: %w", node.Name, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(problems...)
}

func shareOf(part float64, all *resource.Quantity) float64 {
	if all.Sign() <= 0 {
		return 0
	}
	return part / all.AsApproximateFloat64()
}

// Profile of a machine at a moment: its own load, and its pods'.
func Profile(node *corev1.Node, machine traces.Machine, pods []v1alpha1.PodUsage, now time.Time, every time.Duration) *v1alpha1.NodeProfile {
	cores, bytes := 0.0, 0.0
	for _, pod := range pods {
		cores, bytes = cores+pod.CPUCores, bytes+pod.MemoryBytes
	}
	capacity := node.Status.Capacity
	cpu, memory := 100*shareOf(cores, capacity.Cpu()), 100*shareOf(bytes, capacity.Memory())
	at := func(t time.Time) v1alpha1.Usage {
		return v1alpha1.Usage{
			CPUPercent: percent(machine.CPU.At(t) + cpu), MemoryPercent: percent(machine.Memory.At(t) + memory),
			IOPercent: percent(machine.IO.At(t)), NetworkPercent: percent(machine.Network.At(t)),
		}
	}
	profile := &v1alpha1.NodeProfile{
		TypeMeta: metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: "NodeProfile"},
		ObjectMeta: metav1.ObjectMeta{
			Name: node.Name,
			// The profile goes when the node does.
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "v1", Kind: "Node", Name: node.Name, UID: node.UID}},
		},
		Spec: v1alpha1.NodeProfileSpec{Capability: capability(node)},
	}
	for i := kept - 1; i >= 0; i-- {
		t := now.Add(-time.Duration(i) * every)
		profile.Status.Samples = append(profile.Status.Samples, v1alpha1.Sample{
			Time: metav1.NewMicroTime(t), WindowSeconds: int32(max(1, every.Seconds())), Usage: at(t.Add(-every / 2)),
		})
	}
	profile.Status.Pods = pods
	profile.Status.Trend = &v1alpha1.Trend{
		CPUPercent: trend(machine.CPU, now), MemoryPercent: trend(machine.Memory, now),
		IOPercent: trend(machine.IO, now), NetworkPercent: trend(machine.Network, now),
	}
	return profile
}

func trend(series traces.Series, now time.Time) *float64 {
	var points []load.Point
	for t := now.Add(-load.TrendWindow); !t.After(now); t = t.Add(traces.Step) {
		points = append(points, load.Point{Time: t, Value: series.At(t)})
	}
	slope, _ := load.Trend(points)
	return rounded(slope)
}

// percent as the API takes it.
func percent(value float64) *float64 { return rounded(min(value, 1000)) }

func rounded(value float64) *float64 {
	value = math.Round(value*10) / 10
	return &value
}

// capability is what the node controller wrote on the node of its device and, before it has, what the kubelet says.
func capability(node *corev1.Node) v1alpha1.Capability {
	cpu, memory := node.Status.Capacity.Cpu().AsApproximateFloat64(), node.Status.Capacity.Memory().AsApproximateFloat64()/1e9
	known := v1alpha1.Capability{CPU: &cpu, MemoryGB: rounded(memory)}
	var capacity v1alpha1.Capacity
	if json.Unmarshal([]byte(node.Annotations[nodepool.CapacityAnnotation]), &capacity) == nil {
		if capacity.CoreSpeed > 0 {
			known.CoreSpeed = &capacity.CoreSpeed
		}
		if iops := float64(capacity.IOPS); iops > 0 {
			known.IOPS = &iops
		}
		if gbps := float64(capacity.NetworkMbps) / 1e3; gbps > 0 {
			known.NetworkGbps = &gbps
		}
	}
	return known
}

// write what changed of an object: its usage each time, and what the machine can do seldom. The API keeps the two apart.
func (r *round) write(ctx context.Context, profile *v1alpha1.NodeProfile) error {
	body, err := json.Marshal(profile)
	if err != nil {
		return err
	}
	address := func(request *rest.Request) *rest.Request {
		return request.Resource(v1alpha1.NodeProfiles).Param("fieldManager", "lab").Body(body)
	}
	patch := func(parts ...string) (*v1alpha1.NodeProfile, error) {
		known := &v1alpha1.NodeProfile{}
		return known, address(r.profiles.Patch(types.MergePatchType)).Name(profile.Name).SubResource(parts...).Do(ctx).Into(known)
	}
	known, err := patch("status")
	if apierrors.IsNotFound(err) {
		if err := address(r.profiles.Post()).Do(ctx).Error(); err != nil {
			return err
		}
		_, err = patch("status")
		return err
	}
	if err == nil && !reflect.DeepEqual(known.Spec, profile.Spec) {
		_, err = patch()
	}
	return err
}
