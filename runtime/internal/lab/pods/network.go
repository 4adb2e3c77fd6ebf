package pods

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	selectors "k8s.io/apimachinery/pkg/labels"

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
)

const (
	// linksInterval is the time after which changed links count.
	linksInterval = 5 * time.Second

	systemNamespace = "skerry-system"
	regionLinks     = "region-links"
	linksFile       = "links.json"
)

// roundTrip returns the round-trip time from the pod at an address to a node: that of the link between their regions. It returns false
// if the pod or the link is unknown.
func (r *Runner) roundTrip(from, to string) (time.Duration, bool) {
	matrix := r.links.Load()
	source, found := r.nodeAt(from)
	if matrix == nil || !found {
		return 0, false
	}
	link, known := matrix.Link(r.regionOf(source), r.regionOf(to))
	return time.Duration(link.RTTMs * float64(time.Millisecond)), known
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

// keepReadingLinks reads the links until the context ends. Reading them when a datagram arrives would delay it.
func (r *Runner) keepReadingLinks(ctx context.Context) {
	for {
		switch matrix, err := r.readLinks(ctx); {
		case err == nil:
			r.links.Store(matrix)
		case ctx.Err() == nil && !apierrors.IsNotFound(err):
			r.Logger.Warn("failed to read the links of the network; keeping the earlier ones", "cluster", r.Cluster, "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(linksInterval):
		}
	}
}

// readLinks returns the links of the network: those of the fleet, and instead of them those in a file of the cluster, with which a
// network can differ from what the fleet states.
func (r *Runner) readLinks(ctx context.Context) (*links.Matrix, error) {
	stated, err := r.client.CoreV1().ConfigMaps(systemNamespace).Get(ctx, regionLinks, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	matrix, err := links.Parse([]byte(stated.Data[linksFile]))
	if err != nil {
		return nil, err
	}
	changed, err := os.ReadFile(filepath.Join(r.PodsDir, r.Cluster, linksFile))
	if errors.Is(err, os.ErrNotExist) {
		return matrix, nil
	}
	if err != nil {
		return nil, err
	}
	return matrix.WithMeasured(changed)
}
