package profiles

import (
	"context"
	"encoding/json"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/klog/v2"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// pollPeriod is how often metrics-server is asked; its own samples are 15 s apart by default.
const pollPeriod = 30 * time.Second

const metricsPath = "/apis/metrics.k8s.io/v1beta1/nodes"

// PollMetricsServer asks for the usage of nodes until the context ends. A cluster without metrics-server answers that
// it knows no such API; that is no problem, and may change.
func (b *Board) PollMetricsServer(ctx context.Context, client kubernetes.Interface, nodes corelisters.NodeLister) {
	logger := klog.FromContext(ctx).WithName("metrics-server")
	wait.UntilWithContext(ctx, func(ctx context.Context) {
		raw, err := client.CoreV1().RESTClient().Get().AbsPath(metricsPath).DoRaw(ctx)
		if err != nil {
			logger.V(4).Info("No usage from metrics-server", "problem", err.Error())
			return
		}
		if err := b.takeMetrics(raw, nodes); err != nil {
			logger.Error(err, "Answer of metrics-server not understood")
		}
	}, pollPeriod)
}

// takeMetrics reads a list of NodeMetrics. Cores and memory are all that they tell.
func (b *Board) takeMetrics(raw []byte, nodes corelisters.NodeLister) error {
	var list metricsv1beta1.NodeMetricsList
	if err := json.Unmarshal(raw, &list); err != nil {
		return err
	}
	for _, item := range list.Items {
		node, err := nodes.Get(item.Name)
		if err != nil || item.Window.Duration <= 0 {
			continue
		}
		profile := &load.Profile{Time: item.Timestamp.Time, Window: item.Window.Duration}
		shareOf(&profile.Usage, load.CPU, item.Usage, node.Status.Capacity, corev1.ResourceCPU)
		shareOf(&profile.Usage, load.Memory, item.Usage, node.Status.Capacity, corev1.ResourceMemory)
		b.put(b.metrics, item.Name, profile)
	}
	return nil
}

func shareOf(into *load.Vector, d load.Dimension, used, all corev1.ResourceList, name corev1.ResourceName) {
	amount, measured := used[name]
	capacity, stated := all[name]
	if measured && stated && amount.Sign() >= 0 && capacity.AsApproximateFloat64() > 0 {
		into.Set(d, amount.AsApproximateFloat64()/capacity.AsApproximateFloat64())
	}
}
