package usage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/internal/lab/programs"
	"github.com/skerry-dev/skerry/runtime/internal/lab/traces"
	"github.com/skerry-dev/skerry/runtime/pkg/trend"
)

// Publisher writes a NodeProfile for each node of one cluster.
type Publisher struct {
	Kubeconfig string
	Traces     *traces.Library
	// Interval is the interval between samples. Each sample is the mean over one interval.
	Interval time.Duration
	// Programs are the programs of the lab.
	Programs programs.Table
	Logger   *slog.Logger
}

// sampleCount is the number of samples in each profile: enough to detect a step.
const sampleCount = 3

// Run publishes samples until the context ends. It retries while the cluster does not serve NodeProfile.
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
	profiles, err := v1alpha1.ClientFor(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	w := &writer{
		Publisher: p, profiles: profiles,
		nodes: factory.Core().V1().Nodes().Lister(), pods: factory.Core().V1().Pods().Lister(),
	}
	factory.StartWithContext(ctx)
	defer factory.Shutdown()
	factory.WaitForCacheSyncWithContext(ctx)
	ticker := time.NewTicker(p.Interval)
	defer ticker.Stop()
	for wait := time.NewTimer(0); ; {
		select {
		case <-ctx.Done():
			return nil
		case <-wait.C:
		case <-ticker.C:
		}
		if err := w.publish(ctx, time.Now()); err != nil && ctx.Err() == nil {
			p.Logger.Debug("failed to publish usage; retrying", "err", err)
			// The usual cause is that the CustomResourceDefinition does not exist yet.
			wait.Reset(min(p.Interval, 2*time.Second))
		}
	}
}

// writer writes the profiles of one cluster.
type writer struct {
	*Publisher
	profiles rest.Interface
	nodes    corelisters.NodeLister
	pods     corelisters.PodLister
}

func (w *writer) publish(ctx context.Context, now time.Time) error {
	nodes, err := w.nodes.List(labels.Everything())
	if err != nil {
		return err
	}
	pods, err := w.pods.List(labels.Everything())
	if err != nil {
		return err
	}
	podUsage := podUsageByNode(pods)
	measured := w.measuredNodes(pods)
	var errs []error
	for _, node := range nodes {
		if measured[node.Name] {
			continue
		}
		// An error of one node, such as its deletion, must not affect the others.
		if err := w.write(ctx, NewProfile(node, w.Traces.Machine(node.Name), podUsage[node.Name], now, w.Interval)); err != nil {
			errs = append(errs, fmt.Errorf("node %s: %w", node.Name, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(errs...)
}

// measuredNodes returns the nodes on which a node agent runs as a process, which publishes their profiles.
func (p *Publisher) measuredNodes(pods []*corev1.Pod) map[string]bool {
	measured := map[string]bool{}
	for _, pod := range pods {
		if pod.Status.Phase == corev1.PodRunning && p.Programs.RunsNodeAgent(pod) {
			measured[pod.Spec.NodeName] = true
		}
	}
	return measured
}

// NewProfile returns the profile of a machine at a time: the usage of the machine itself plus that of its pods.
func NewProfile(node *corev1.Node, machine traces.Machine, pods []v1alpha1.PodUsage, now time.Time, interval time.Duration) *v1alpha1.NodeProfile {
	at := func(t time.Time) v1alpha1.Usage {
		usage := newUsage(node, machine, pods, t)
		return v1alpha1.Usage{
			CPUPercent: percent(usage.CPU), MemoryPercent: percent(usage.Memory), IOPercent: percent(usage.IO), NetworkPercent: percent(usage.Network),
		}
	}
	profile := &v1alpha1.NodeProfile{
		TypeMeta: metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: "NodeProfile"},
		ObjectMeta: metav1.ObjectMeta{
			Name: node.Name,
			// The profile is deleted with its node.
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "v1", Kind: "Node", Name: node.Name, UID: node.UID}},
		},
		Spec: v1alpha1.NodeProfileSpec{Capability: newCapability(node)},
	}
	for i := sampleCount - 1; i >= 0; i-- {
		t := now.Add(-time.Duration(i) * interval)
		profile.Status.Samples = append(profile.Status.Samples, v1alpha1.Sample{
			Time: metav1.NewMicroTime(t), WindowSeconds: int32(max(1, interval.Seconds())), Usage: at(t.Add(-interval / 2)),
		})
	}
	profile.Status.Pods = pods
	profile.Status.Trend = &v1alpha1.Trend{
		CPUPercent: slopeOf(machine.CPU, now), MemoryPercent: slopeOf(machine.Memory, now),
		IOPercent: slopeOf(machine.IO, now), NetworkPercent: slopeOf(machine.Network, now),
	}
	return profile
}

func slopeOf(series traces.Series, now time.Time) *float64 {
	var points []trend.Point
	for t := now.Add(-trend.Window); !t.After(now); t = t.Add(traces.Step) {
		points = append(points, trend.Point{Time: t, Value: series.At(t)})
	}
	slope, _ := trend.Slope(points)
	return round(slope)
}

// percent limits a percentage to the maximum of the API, and rounds it.
func percent(value float64) *float64 { return round(min(value, 1000)) }

func round(value float64) *float64 {
	value = math.Round(value*10) / 10
	return &value
}

// newCapability returns the capability of a node from its capacity, and from what was declared for it.
func newCapability(node *corev1.Node) v1alpha1.Capability {
	cpu, memory := node.Status.Capacity.Cpu().AsApproximateFloat64(), node.Status.Capacity.Memory().AsApproximateFloat64()/1e9
	capability := v1alpha1.Capability{CPU: &cpu, MemoryGB: round(memory)}
	capacity := DeclaredCapacity(node)
	if capacity.CoreSpeed > 0 {
		capability.CoreSpeed = &capacity.CoreSpeed
	}
	if iops := float64(capacity.IOPS); iops > 0 {
		capability.IOPS = &iops
	}
	if gbps := float64(capacity.NetworkMbps) / 1e3; gbps > 0 {
		capability.NetworkGbps = &gbps
	}
	return capability
}

// write creates or updates a profile. It always writes the status, which the API updates separately, and the spec only if it
// changed.
func (w *writer) write(ctx context.Context, profile *v1alpha1.NodeProfile) error {
	body, err := json.Marshal(profile)
	if err != nil {
		return err
	}
	prepare := func(request *rest.Request) *rest.Request {
		return request.Resource(v1alpha1.NodeProfiles).Param("fieldManager", "lab").Body(body)
	}
	patch := func(parts ...string) (*v1alpha1.NodeProfile, error) {
		updated := &v1alpha1.NodeProfile{}
		return updated, prepare(w.profiles.Patch(types.MergePatchType)).Name(profile.Name).SubResource(parts...).Do(ctx).Into(updated)
	}
	current, err := patch("status")
	if apierrors.IsNotFound(err) {
		if err := prepare(w.profiles.Post()).Do(ctx).Error(); err != nil {
			return err
		}
		_, err = patch("status")
		return err
	}
	if err == nil && !reflect.DeepEqual(current.Spec, profile.Spec) {
		_, err = patch()
	}
	return err
}
