package profiles

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/klog/v2"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// pollPeriod is how often metrics-server is asked; its own samples are 15 s apart by default.
const pollPeriod = 30 * time.Second

const metricsPath = "/apis/metrics.k8s.io/v1beta1/"

// PollMetricsServer asks for the usage of nodes and pods until the context ends. A cluster without metrics-server answers
// that it knows no such API; that is no problem, and may change.
func (b *Board) PollMetricsServer(ctx context.Context, client kubernetes.Interface, nodes corelisters.NodeLister, pods corelisters.PodLister) {
	logger := klog.FromContext(ctx).WithName("metrics-server")
	ask := func(ctx context.Context, what string, list any) bool {
		raw, err := client.CoreV1().RESTClient().Get().AbsPath(metricsPath + what).DoRaw(ctx)
		if err != nil {
			logger.V(4).Info("No usage from metrics-server", "of", what, "problem", err.Error())
			return false
		}
		if err := json.Unmarshal(raw, list); err != nil {
			logger.Error(err, "Answer of metrics-server not understood", "of", what)
			return false
		}
		return true
	}
	wait.UntilWithContext(ctx, func(ctx context.Context) {
		b.forgetMetrics(nodes)
		var ofNodes metricsv1beta1.NodeMetricsList
		var ofPods metricsv1beta1.PodMetricsList
		if ask(ctx, "nodes", &ofNodes) {
			// Without the pods, the nodes still tell.
			_ = ask(ctx, "pods", &ofPods)
			b.takeMetrics(&ofNodes, &ofPods, nodes, pods)
		}
	}, pollPeriod)
}

// takeMetrics takes what metrics-server measured. Cores and memory are all that it tells.
func (b *Board) takeMetrics(ofNodes *metricsv1beta1.NodeMetricsList, ofPods *metricsv1beta1.PodMetricsList, nodes corelisters.NodeLister, pods corelisters.PodLister) {
	byNode := map[string][]load.PodUsage{}
	for i := range ofPods.Items {
		item := &ofPods.Items[i]
		if pod, err := pods.Pods(item.Namespace).Get(item.Name); err == nil && pod.Spec.NodeName != "" {
			byNode[pod.Spec.NodeName] = append(byNode[pod.Spec.NodeName], podUsage(item, pod.UID))
		}
	}
	for _, item := range ofNodes.Items {
		node, err := nodes.Get(item.Name)
		if err != nil || item.Window.Duration <= 0 {
			continue
		}
		profile := &load.Profile{Time: item.Timestamp.Time, Window: item.Window.Duration, Pods: byNode[item.Name]}
		shareOf(&profile.Usage, load.CPU, item.Usage, node.Status.Capacity, corev1.ResourceCPU)
		shareOf(&profile.Usage, load.Memory, item.Usage, node.Status.Capacity, corev1.ResourceMemory)
		b.put(b.metrics, item.Name, profile)
	}
}

// forgetMetrics of nodes that are gone: metrics-server does not tell when a node goes.
func (b *Board) forgetMetrics(nodes corelisters.NodeLister) {
	b.mutex.Lock()
	measured := slices.Collect(maps.Keys(b.metrics))
	b.mutex.Unlock()
	for _, node := range measured {
		if _, err := nodes.Get(node); apierrors.IsNotFound(err) {
			b.put(b.metrics, node, nil)
		}
	}
}

// podUsage adds up a pod's containers.
func podUsage(item *metricsv1beta1.PodMetrics, pod types.UID) load.PodUsage {
	used := load.PodUsage{Pod: pod}
	for _, container := range item.Containers {
		used.Cores += container.Usage.Cpu().AsApproximateFloat64()
		used.Bytes += container.Usage.Memory().AsApproximateFloat64()
	}
	return used
}

func shareOf(into *load.Vector, d load.Dimension, used, all corev1.ResourceList, name corev1.ResourceName) {
	amount, measured := used[name]
	capacity, stated := all[name]
	if measured && stated && capacity.AsApproximateFloat64() > 0 {
		into.Set(d, amount.AsApproximateFloat64()/capacity.AsApproximateFloat64())
	}
}
