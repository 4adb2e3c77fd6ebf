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

// pollPeriod is the time between two requests to metrics-server, which takes a sample every 15 s by default.
const pollPeriod = 30 * time.Second

const metricsPath = "/apis/metrics.k8s.io/v1beta1/"

// PollMetricsServer polls the usage of nodes and pods until the context ends. Without metrics-server, the API group does
// not exist; PollMetricsServer keeps polling, because metrics-server may be installed later.
func (s *Source) PollMetricsServer(ctx context.Context, client kubernetes.Interface, nodes corelisters.NodeLister, pods corelisters.PodLister) {
	logger := klog.FromContext(ctx).WithName("metrics-server")
	get := func(ctx context.Context, resource string, list any) bool {
		raw, err := client.CoreV1().RESTClient().Get().AbsPath(metricsPath + resource).DoRaw(ctx)
		if err != nil {
			logger.V(4).Info("Failed to get metrics from metrics-server", "resource", resource, "err", err.Error())
			return false
		}
		if err := json.Unmarshal(raw, list); err != nil {
			logger.Error(err, "Failed to decode metrics from metrics-server", "resource", resource)
			return false
		}
		return true
	}
	wait.UntilWithContext(ctx, func(ctx context.Context) {
		s.removeMetricsOfDeletedNodes(nodes)
		var nodeMetrics metricsv1beta1.NodeMetricsList
		var podMetrics metricsv1beta1.PodMetricsList
		if get(ctx, "nodes", &nodeMetrics) {
			// Node metrics are useful without pod metrics.
			_ = get(ctx, "pods", &podMetrics)
			s.setMetrics(&nodeMetrics, &podMetrics, nodes, pods)
		}
	}, pollPeriod)
}

// setMetrics stores the CPU and memory usage of nodes and their pods.
func (s *Source) setMetrics(nodeMetrics *metricsv1beta1.NodeMetricsList, podMetrics *metricsv1beta1.PodMetricsList, nodes corelisters.NodeLister, pods corelisters.PodLister) {
	podsByNode := map[string][]load.PodUsage{}
	for i := range podMetrics.Items {
		item := &podMetrics.Items[i]
		if pod, err := pods.Pods(item.Namespace).Get(item.Name); err == nil && pod.Spec.NodeName != "" {
			podsByNode[pod.Spec.NodeName] = append(podsByNode[pod.Spec.NodeName], podUsage(item, pod.UID))
		}
	}
	for _, item := range nodeMetrics.Items {
		node, err := nodes.Get(item.Name)
		if err != nil || item.Window.Duration <= 0 {
			continue
		}
		profile := &load.Profile{Time: item.Timestamp.Time, Window: item.Window.Duration, Pods: podsByNode[item.Name]}
		setFraction(&profile.Usage, load.CPU, item.Usage, node.Status.Capacity, corev1.ResourceCPU)
		setFraction(&profile.Usage, load.Memory, item.Usage, node.Status.Capacity, corev1.ResourceMemory)
		s.set(s.fromMetrics, item.Name, profile)
	}
}

// removeMetricsOfDeletedNodes removes the metrics of nodes that no longer exist. metrics-server does not report deletions.
func (s *Source) removeMetricsOfDeletedNodes(nodes corelisters.NodeLister) {
	s.mutex.Lock()
	names := slices.Collect(maps.Keys(s.fromMetrics))
	s.mutex.Unlock()
	for _, name := range names {
		if _, err := nodes.Get(name); apierrors.IsNotFound(err) {
			s.set(s.fromMetrics, name, nil)
		}
	}
}

// podUsage returns the total usage of a pod's containers.
func podUsage(item *metricsv1beta1.PodMetrics, pod types.UID) load.PodUsage {
	used := load.PodUsage{Pod: pod}
	for _, container := range item.Containers {
		used.Cores += container.Usage.Cpu().AsApproximateFloat64()
		used.Bytes += container.Usage.Memory().AsApproximateFloat64()
	}
	return used
}

// setFraction sets a dimension to the used fraction of the capacity, if both are known.
func setFraction(vector *load.Vector, d load.Dimension, used, capacity corev1.ResourceList, name corev1.ResourceName) {
	amount, measured := used[name]
	total, declared := capacity[name]
	if measured && declared && total.AsApproximateFloat64() > 0 {
		vector.Set(d, amount.AsApproximateFloat64()/total.AsApproximateFloat64())
	}
}
