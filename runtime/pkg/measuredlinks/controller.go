package measuredlinks

import (
	"context"
	"encoding/json"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
	"github.com/skerry-dev/skerry/runtime/pkg/nodeagent/roundtrip"
)

const (
	// interval is the time between two rounds.
	interval = time.Minute
	// firstInterval is the time between two rounds while no nodes are chosen, and for settling after the choice changed, so that
	// the regions of new nodes are soon measured.
	firstInterval, settling = 15 * time.Second, 3 * time.Minute
	// pageSize is the number of profiles per request. A page with many pods per node has a few megabytes.
	pageSize = 200
	// Keys of the ConfigMaps.
	linksKey, nodesKey = "links.json", "nodes.json"
)

// Controller chooses the nodes that measure, and maintains the measured links. It changes existing ConfigMaps and creates
// none: where they do not exist, it does nothing.
type Controller struct {
	// Client reads nodes from a cache, and writes.
	Client client.Client
	// Reader reads from the API server. Profiles change too often to be worth a cache.
	Reader client.Reader
	Clock  clock.WithTicker
	// RegionLinks is the ConfigMap with the regions of the fleet. MeasuredLinks and ProbeNodes are written.
	RegionLinks, MeasuredLinks, ProbeNodes types.NamespacedName

	// chosen is the number of nodes that measure, and changed is when others were chosen.
	chosen  int
	changed time.Time
}

// NeedLeaderElection makes only one instance write.
func (c *Controller) NeedLeaderElection() bool { return true }

// Start runs until the context ends.
func (c *Controller) Start(ctx context.Context) error {
	logger := log.FromContext(ctx).WithName("measured-links")
	for {
		if err := c.Round(ctx); err != nil && ctx.Err() == nil {
			logger.Error(err, "Failed to update the measured links; retrying")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-c.Clock.After(c.wait(c.Clock.Now())):
		}
	}
}

// wait returns the time until the next round.
func (c *Controller) wait(now time.Time) time.Duration {
	if c.chosen == 0 || now.Sub(c.changed) < settling {
		return firstInterval
	}
	return interval
}

// Round chooses the nodes, and updates the links, once.
func (c *Controller) Round(ctx context.Context) error {
	var regions, measuredLinks, probeNodes corev1.ConfigMap
	for name, into := range map[types.NamespacedName]*corev1.ConfigMap{
		c.RegionLinks: &regions, c.MeasuredLinks: &measuredLinks, c.ProbeNodes: &probeNodes,
	} {
		if err := c.Reader.Get(ctx, name, into); apierrors.IsNotFound(err) {
			return nil
		} else if err != nil {
			return err
		}
	}
	base, err := links.Parse([]byte(regions.Data[linksKey]))
	if err != nil {
		return err
	}
	now := c.Clock.Now()
	nodes, reports, err := c.candidates(ctx, base, now)
	if err != nil {
		return err
	}
	nodes = selectNodes(nodes)
	ballot := ballot{}
	for _, node := range nodes {
		ballot.add(node.Region, reports[node.Name], now)
	}
	measurements := map[ends]measurement{}
	outcomes := map[outcome]int{measured: 0, oneSided: 0, disagreement: 0, implausible: 0}
	for pair, votes := range ballot {
		agreed, outcome := votes.count(pair, base)
		outcomes[outcome]++
		if outcome == measured {
			measurements[pair] = agreed
		}
	}
	record(outcomes)
	text, err := encode(update(decode(measuredLinks.Data[linksKey]), measurements, base, now))
	if err != nil {
		return err
	}
	if err := c.write(ctx, &measuredLinks, linksKey, text); err != nil {
		return err
	}
	list, err := json.Marshal(roundtrip.NodesFile{Version: roundtrip.NodesVersion, Nodes: nodes})
	if err != nil {
		return err
	}
	if err := c.write(ctx, &probeNodes, nodesKey, string(list)+"\n"); err != nil {
		return err
	}
	if probeNodes.Data[nodesKey] != string(list)+"\n" {
		c.changed = now
	}
	c.chosen = len(nodes)
	return nil
}

// candidates returns the nodes that can measure, and what each reports, by its name.
func (c *Controller) candidates(ctx context.Context, base *links.Matrix, now time.Time) ([]roundtrip.Node, map[string][]v1alpha1.RoundTrip, error) {
	var candidates []roundtrip.Node
	reports := map[string][]v1alpha1.RoundTrip{}
	for next := ""; ; {
		var profiles v1alpha1.NodeProfileList
		if err := c.Reader.List(ctx, &profiles, client.Limit(pageSize), client.Continue(next)); meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
			return nil, nil, nil
		} else if err != nil {
			return nil, nil, err
		}
		for i := range profiles.Items {
			profile := &profiles.Items[i]
			var node corev1.Node
			if err := c.Client.Get(ctx, types.NamespacedName{Name: profile.Name}, &node); apierrors.IsNotFound(err) {
				continue
			} else if err != nil {
				return nil, nil, err
			}
			if found, ok := candidate(&node, profile, base, now); ok {
				candidates = append(candidates, found)
				reports[found.Name] = profile.Status.RoundTrips
			}
		}
		if next = profiles.Continue; next == "" {
			return candidates, reports, nil
		}
	}
}

// write sets a key of a ConfigMap if it differs.
func (c *Controller) write(ctx context.Context, object *corev1.ConfigMap, key, text string) error {
	if object.Data[key] == text {
		return nil
	}
	changed := object.DeepCopy()
	if changed.Data == nil {
		changed.Data = map[string]string{}
	}
	changed.Data[key] = text
	return c.Client.Patch(ctx, changed, client.MergeFrom(object), client.FieldOwner("node-controller"))
}
