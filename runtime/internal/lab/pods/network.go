package pods

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	selectors "k8s.io/apimachinery/pkg/labels"

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
)

const (
	// linksInterval is the time after which changed links count.
	linksInterval = 5 * time.Second
	// linksTimeout limits reading the links.
	linksTimeout = time.Second

	systemNamespace = "skerry-system"
	regionLinks     = "region-links"
	linksFile       = "links.json"
)

// network is the network between the regions of a cluster's nodes.
type network struct {
	mutex sync.Mutex
	links *links.Matrix
	read  time.Time
}

// roundTrip returns the round-trip time from the pod at an address to a node: that of the link between their regions, and 0 if it is
// unknown.
func (r *Runner) roundTrip(from, to string) time.Duration {
	matrix := r.readLinks(time.Now())
	source, found := r.nodeAt(from)
	if matrix == nil || !found {
		return 0
	}
	link, _ := matrix.Link(r.regionOf(source), r.regionOf(to))
	return time.Duration(link.RTTMs * float64(time.Millisecond))
}

// nodeAt returns the node of the pod with an address. The addresses of pods that run as processes are unique in the lab.
func (r *Runner) nodeAt(address string) (node string, found bool) {
	pods, err := r.lister.List(selectors.Everything())
	if err != nil {
		return "", false
	}
	for _, pod := range pods {
		if pod.Status.PodIP == address {
			return pod.Spec.NodeName, true
		}
	}
	return "", false
}

func (r *Runner) regionOf(name string) string {
	node, err := r.nodes.Get(name)
	if err != nil {
		return ""
	}
	return labels.Location(node.Labels)
}

// readLinks returns the links of the network: those of the fleet, and instead of them those in a file of the cluster, with which a
// network can differ from what the fleet states. It returns the earlier ones if they cannot be read.
func (r *Runner) readLinks(now time.Time) *links.Matrix {
	r.network.mutex.Lock()
	defer r.network.mutex.Unlock()
	if now.Sub(r.network.read) < linksInterval {
		return r.network.links
	}
	r.network.read = now
	ctx, cancel := context.WithTimeout(context.Background(), linksTimeout)
	defer cancel()
	stated, err := r.client.CoreV1().ConfigMaps(systemNamespace).Get(ctx, regionLinks, metav1.GetOptions{})
	if err != nil {
		return r.network.links
	}
	matrix, err := links.Parse([]byte(stated.Data[linksFile]))
	if err != nil {
		return r.network.links
	}
	if changed, err := os.ReadFile(filepath.Join(r.PodsDir, r.Cluster, linksFile)); err == nil {
		with, err := matrix.WithMeasured(changed)
		if err != nil {
			r.Logger.Warn("invalid links of the network; keeping the earlier ones", "cluster", r.Cluster, "err", err)
			return r.network.links
		}
		matrix = with
	}
	r.network.links = matrix
	return matrix
}
