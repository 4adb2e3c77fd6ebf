package loadaware

import (
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/skerry-dev/skerry/runtime/pkg/demand"
)

// workload is what a pod of one controller uses, learned from all its pods: they come and go, and the next does what the
// last one did.
type workload struct {
	mutex sync.Mutex
	// mean in work and bytes, of so many samples.
	mean    usage
	samples float64
	known   time.Time
}

const (
	// rememberedSamples are how many the mean goes back over: two hours of one pod, a sample each half minute.
	rememberedSamples = 240
	// guessWeight is how many samples the guess by requests counts for. Traffic comes in bursts, so that one sample of a pod
	// is about as far from its mean as pods of one request are from each other.
	guessWeight = 1
	// farthest is how many times what was expected one sample may count at most. A pod whose use really grew gets there in a
	// few samples; a false sample shifts the mean by a few per cent.
	farthest = 10
)

// learn from a sample of one pod that requests so much, both in work and bytes.
func (w *workload) learn(used, request usage, now time.Time) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.samples = min(rememberedSamples, w.samples+1)
	used.cores = min(used.cores, farthest*max(w.mean.cores, request.cores, leastCores))
	used.bytes = min(used.bytes, farthest*max(w.mean.bytes, request.bytes, leastBytes))
	w.mean = w.mean.plus(used.plus(w.mean, -1), 1/w.samples)
	w.known = now
}

// uses is what one of its pods uses in the mean, in work and bytes, if that is known.
func (w *workload) uses() (mean usage, known bool) {
	if w == nil {
		return mean, false
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.mean, w.samples > 0
}

// What a pod that requests nothing is expected to use.
const leastCores, leastBytes = demand.DefaultMilliCPU / 1e3, demand.DefaultMemory

// expect what one of its pods will use that requests so much, in cores and bytes.
func (w *workload) expect(request usage) expectation {
	if w == nil {
		return expectation{requested: request}
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	all := w.samples + guessWeight
	return expectation{usage{}.plus(w.mean, w.samples/all), usage{}.plus(request, guessWeight/all)}
}

// workloads by their controllers.
type workloads struct {
	mutex sync.Mutex
	known map[string]*workload
	// most is how many may be known before those that nobody has heard of for long are forgotten.
	most int
}

// forgetWorkloads that have had no pod for so long.
const forgetWorkloads = 24 * time.Hour

// of a pod; nil for one without a controller.
func (w *workloads) of(pod *corev1.Pod, now time.Time) *workload {
	key := controllerOf(pod)
	if key == "" {
		return nil
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if known := w.known[key]; known != nil {
		known.mutex.Lock()
		known.known = now
		known.mutex.Unlock()
		return known
	}
	if len(w.known) >= w.most {
		for key, each := range w.known {
			each.mutex.Lock()
			if now.Sub(each.known) > forgetWorkloads {
				delete(w.known, key)
			}
			each.mutex.Unlock()
		}
		w.most = max(1000, 2*len(w.known))
	}
	if w.known == nil {
		w.known = map[string]*workload{}
	}
	made := &workload{known: now}
	w.known[key] = made
	return made
}

// controllerOf a pod, by what stays when it is rolled out anew: the Deployment rather than its ReplicaSet, whose name ends
// in the hash of the template, and the CronJob rather than its Job, whose name ends in the minute.
func controllerOf(pod *corev1.Pod) string {
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
