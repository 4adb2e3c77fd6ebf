package loadaware

import (
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/skerry-dev/skerry/runtime/pkg/demand"
)

// workload is the mean usage of the pods of one controller, over all nodes and rollouts.
type workload struct {
	mutex sync.Mutex
	// mean is in normalized cores.
	mean    resources
	samples float64
	// lastSeen is when the workload last had a pod or a sample.
	lastSeen time.Time
}

const (
	// maxSamples is the number of samples after which the mean becomes an exponential moving average: two hours of one pod,
	// with a sample every 30 s.
	maxSamples = 240
	// requestWeight is the weight of the request, in samples. Because traffic comes in bursts, one sample of a pod is about as
	// far from its mean as pods with equal requests are from each other.
	requestWeight = 1
	// maxSampleRatio is the maximum ratio of a sample to the mean or the request. A pod whose usage really grew reaches its
	// new mean within a few samples; an incorrect sample shifts the mean by a few percent.
	maxSampleRatio = 10
)

// Requests of a pod that requests nothing.
const minCores, minBytes = demand.DefaultMilliCPU / 1e3, demand.DefaultMemory

// learn adds a sample of one pod and its request, both in normalized cores.
func (w *workload) learn(used, request resources, now time.Time) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.samples = min(maxSamples, w.samples+1)
	used.cores = min(used.cores, maxSampleRatio*max(w.mean.cores, request.cores, minCores))
	used.bytes = min(used.bytes, maxSampleRatio*max(w.mean.bytes, request.bytes, minBytes))
	w.mean = w.mean.plus(used.plus(w.mean, -1), 1/w.samples)
	w.lastSeen = now
}

// meanUsage returns the mean usage of a pod in normalized cores, and false if no pod has been sampled.
func (w *workload) meanUsage() (mean resources, known bool) {
	if w == nil {
		return mean, false
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.mean, w.samples > 0
}

// estimateUsage estimates the usage of a pod with a request in cores: the mean of the samples and, with the weight of
// requestWeight samples, the request.
func (w *workload) estimateUsage(request resources) usageEstimate {
	if w == nil {
		return usageEstimate{requested: request}
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	total := w.samples + requestWeight
	return usageEstimate{resources{}.plus(w.mean, w.samples/total), resources{}.plus(request, requestWeight/total)}
}

// workloads are the workloads by controller.
type workloads struct {
	mutex        sync.Mutex
	byController map[string]*workload
	// limit is the number of workloads at which expired ones are removed.
	limit int
}

// workloadExpiry is the time after which a workload without pods is removed.
const workloadExpiry = 24 * time.Hour

// get returns the workload of a pod; nil for a pod without a controller.
func (w *workloads) get(pod *corev1.Pod, now time.Time) *workload {
	key := controllerKey(pod)
	if key == "" {
		return nil
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if existing := w.byController[key]; existing != nil {
		existing.mutex.Lock()
		existing.lastSeen = now
		existing.mutex.Unlock()
		return existing
	}
	if len(w.byController) >= w.limit {
		for key, existing := range w.byController {
			existing.mutex.Lock()
			if now.Sub(existing.lastSeen) > workloadExpiry {
				delete(w.byController, key)
			}
			existing.mutex.Unlock()
		}
		w.limit = max(1000, 2*len(w.byController))
	}
	if w.byController == nil {
		w.byController = map[string]*workload{}
	}
	created := &workload{lastSeen: now}
	w.byController[key] = created
	return created
}

// controllerKey returns a key for the controller of a pod that survives rollouts: the Deployment rather than its ReplicaSet,
// whose name ends with the hash of the template, and the CronJob rather than its Job, whose name ends with the minute.
func controllerKey(pod *corev1.Pod) string {
	owner := metav1.GetControllerOfNoCopy(pod)
	if owner == nil {
		return ""
	}
	name := owner.Name
	switch owner.Kind {
	case "ReplicaSet":
		if hash := pod.Labels["pod-template-hash"]; hash != "" {
			name = strings.TrimSuffix(name, "-"+hash)
		}
	case "Job":
		if at := strings.LastIndexByte(name, '-'); at > 0 && strings.Trim(name[at+1:], "0123456789") == "" {
			name = name[:at]
		}
	}
	return pod.Namespace + "/" + owner.Kind + "/" + name
}
