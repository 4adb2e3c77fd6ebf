package measuredlinks

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
	"github.com/skerry-dev/skerry/runtime/pkg/nodeagent/roundtrip"
)

// cluster is a fake API server with the controller.
type cluster struct {
	*Controller
	t     *testing.T
	clock *clocktesting.FakeClock
}

func newCluster(t *testing.T, objects ...client.Object) *cluster {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	name := func(name string) types.NamespacedName { return types.NamespacedName{Namespace: "s", Name: name} }
	config := func(name, key, text string) *corev1.ConfigMap {
		return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "s", Name: name}, Data: map[string]string{key: text}}
	}
	objects = append(objects, config("region-links", linksKey, fleetLinks), config("measured-links", "other", "kept"), config("probe-nodes", nodesKey, ""))
	api := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build()
	clock := clocktesting.NewFakeClock(now)
	return &cluster{t: t, clock: clock, Controller: &Controller{
		Client: api, Reader: api, Clock: clock, RegionLinks: name("region-links"), MeasuredLinks: name("measured-links"), ProbeNodes: name("probe-nodes"),
	}}
}

// node is a node and its profile, which reports round-trip times by region.
func node(name, region string, reports map[string]float64) []client.Object {
	profile := &v1alpha1.NodeProfile{ObjectMeta: metav1.ObjectMeta{Name: name}}
	profile.Status.ProbeAddress = "10.42.0.1:9464"
	profile.Status.Samples = []v1alpha1.Sample{{Time: metav1.NewMicroTime(now), WindowSeconds: 30}}
	for to, ms := range reports {
		profile.Status.RoundTrips = append(profile.Status.RoundTrips, report(to, ms))
	}
	return []client.Object{
		&corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{labels.EdgeRegion: region}},
			Status:     corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}},
		}, profile,
	}
}

func (c *cluster) round() {
	c.t.Helper()
	if err := c.Round(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cluster) config(name types.NamespacedName) *corev1.ConfigMap {
	c.t.Helper()
	object := &corev1.ConfigMap{}
	if err := c.Reader.Get(c.t.Context(), name, object); err != nil {
		c.t.Fatal(err)
	}
	return object
}

// rtt returns the link as the scheduler sees it.
func (c *cluster) link(from, to string) links.Link {
	c.t.Helper()
	merged, err := fleet(c.t).WithMeasured([]byte(c.config(c.MeasuredLinks).Data[linksKey]))
	if err != nil {
		c.t.Fatal(err)
	}
	link, _ := merged.Link(from, to)
	return link
}

func (c *cluster) report(name string, reports map[string]float64) {
	c.t.Helper()
	profile := &v1alpha1.NodeProfile{}
	if err := c.Reader.Get(c.t.Context(), types.NamespacedName{Name: name}, profile); err != nil {
		c.t.Fatal(err)
	}
	profile.Status.RoundTrips = nil
	for to, ms := range reports {
		r := report(to, ms)
		r.Time = metav1.NewMicroTime(c.clock.Now())
		profile.Status.RoundTrips = append(profile.Status.RoundTrips, r)
	}
	profile.Status.Samples[0].Time = metav1.NewMicroTime(c.clock.Now())
	if err := c.Client.Update(c.t.Context(), profile); err != nil {
		c.t.Fatal(err)
	}
}

func TestMeasuredLinksReplaceConfiguredOnes(t *testing.T) {
	var objects []client.Object
	for i := range 5 {
		objects = append(objects, node(fmt.Sprintf("tokyo-%d", i), "tokyo", map[string]float64{"sydney": 104, "osaka": 9})...)
		objects = append(objects, node(fmt.Sprintf("sydney-%d", i), "sydney", map[string]float64{"tokyo": 106, "atlantis": 1})...)
	}
	objects = append(objects, node("osaka-0", "osaka", nil)...)
	objects = append(objects, node("mars-0", "mars", map[string]float64{"tokyo": 3})...)
	c := newCluster(t, objects...)
	c.round()
	for _, ends := range [][2]string{{"tokyo", "sydney"}, {"sydney", "tokyo"}} {
		link := c.link(ends[0], ends[1])
		if link.RTTMs != 105 || link.Basis != links.Measured || link.At != "2026-11-27T09:30:00Z" || link.Source != "median of 3 and 3 nodes, spread 1.00 ms" {
			t.Errorf("got %+v", link)
		}
	}
	// Only one end measured this link, so the estimate stays.
	if link := c.link("tokyo", "osaka"); link.Basis != links.Estimated {
		t.Errorf("got %+v", link)
	}
	if other := c.config(c.MeasuredLinks).Data["other"]; other != "kept" {
		t.Errorf("another key: got %q", other)
	}
	var file roundtrip.NodesFile
	if err := json.Unmarshal([]byte(c.config(c.ProbeNodes).Data[nodesKey]), &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Nodes) != 7 || file.Nodes[0].Region != "osaka" || file.Nodes[0].Address != "10.42.0.1:9464" {
		t.Errorf("got %+v", file.Nodes)
	}
}

func TestNoiseWritesNothingAndAChangeDoes(t *testing.T) {
	c := newCluster(t, append(node("a", "tokyo", map[string]float64{"sydney": 104}), node("b", "sydney", map[string]float64{"tokyo": 104})...)...)
	c.round()
	step := func(duration time.Duration, ms float64) (changed bool) {
		t.Helper()
		before := c.config(c.MeasuredLinks).ResourceVersion
		c.clock.Step(duration)
		c.report("a", map[string]float64{"sydney": ms})
		c.report("b", map[string]float64{"tokyo": ms})
		c.round()
		return c.config(c.MeasuredLinks).ResourceVersion != before
	}
	if step(time.Minute, 106) || step(time.Minute, 102) {
		t.Error("noise was written")
	}
	if !step(time.Minute, 150) || c.link("tokyo", "sydney").RTTMs != 150 {
		t.Errorf("a change was not written: %+v", c.link("tokyo", "sydney"))
	}
	if !step(refreshAge+time.Minute, 150) || !strings.HasPrefix(c.link("tokyo", "sydney").At, "2026-11-27T10:34") {
		t.Errorf("the time was not refreshed: %+v", c.link("tokyo", "sydney"))
	}
	// No node measures any more: the link stays for a while, and then the fleet's own counts again.
	c.clock.Step(expiry - time.Minute)
	c.round()
	if link := c.link("tokyo", "sydney"); link.RTTMs != 150 {
		t.Errorf("before it expires: got %+v", link)
	}
	c.clock.Step(2 * time.Minute)
	c.round()
	if link := c.link("tokyo", "sydney"); link.Basis != links.Estimated {
		t.Errorf("after it expired: got %+v", link)
	}
}

func TestOnlyReadyNodesThatPublishMeasure(t *testing.T) {
	change := map[string]func(node *corev1.Node, profile *v1alpha1.NodeProfile){
		"not ready":   func(n *corev1.Node, _ *v1alpha1.NodeProfile) { n.Status.Conditions[0].Status = corev1.ConditionFalse },
		"no address":  func(_ *corev1.Node, p *v1alpha1.NodeProfile) { p.Status.ProbeAddress = "" },
		"a name":      func(_ *corev1.Node, p *v1alpha1.NodeProfile) { p.Status.ProbeAddress = "example.com:80" },
		"multicast":   func(_ *corev1.Node, p *v1alpha1.NodeProfile) { p.Status.ProbeAddress = "224.0.0.1:80" },
		"unspecified": func(_ *corev1.Node, p *v1alpha1.NodeProfile) { p.Status.ProbeAddress = "0.0.0.0:80" },
		"silent": func(_ *corev1.Node, p *v1alpha1.NodeProfile) {
			p.Status.Samples[0].Time = metav1.NewMicroTime(now.Add(-maxSampleAge - time.Second))
		},
		"without samples":  func(_ *corev1.Node, p *v1alpha1.NodeProfile) { p.Status.Samples = nil },
		"without a region": func(n *corev1.Node, _ *v1alpha1.NodeProfile) { n.Labels = nil },
	}
	for name, apply := range change {
		objects := node("n", "tokyo", nil)
		apply(objects[0].(*corev1.Node), objects[1].(*v1alpha1.NodeProfile))
		if got, ok := candidate(objects[0].(*corev1.Node), objects[1].(*v1alpha1.NodeProfile), fleet(t), now); ok {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	// The profile of a node that does not exist counts for nothing.
	c := newCluster(t, node("ghost", "tokyo", map[string]float64{"sydney": 104})[1])
	c.round()
	if list := c.config(c.ProbeNodes).Data[nodesKey]; list != "{\"version\":1,\"nodes\":[]}\n" {
		t.Errorf("got %s", list)
	}
}

func TestWithoutItsConfigMapsTheControllerDoesNothing(t *testing.T) {
	c := newCluster(t)
	if err := c.Client.Delete(t.Context(), c.config(c.ProbeNodes)); err != nil {
		t.Fatal(err)
	}
	c.round()
	if text := c.config(c.MeasuredLinks).Data[linksKey]; text != "" {
		t.Errorf("got %s", text)
	}
}

// The fleet states 100 ms to Sydney and 102 ms back. Only what differs from that by more than noise replaces it.
func TestAConfirmedLinkKeepsItsRoundTripTimes(t *testing.T) {
	stated := `{"version":1,"unit":"ms","regions":[{"name":"sydney","latitude":-33.9,"longitude":151.2},{"name":"tokyo","latitude":35.7,"longitude":139.7}],
		"links":[{"from":"sydney","to":"tokyo","rttMs":102,"basis":"measured","source":"s"},{"from":"tokyo","to":"sydney","rttMs":100,"basis":"measured","source":"s"}]}`
	base, err := links.Parse([]byte(stated))
	if err != nil {
		t.Fatal(err)
	}
	pair := newEnds("tokyo", "sydney")
	var file []links.Link
	for _, step := range []struct {
		after                time.Duration
		measured, sydney, to float64
	}{
		{0, 101, 102, 100}, {time.Minute, 104, 102, 100}, {time.Minute, 120, 120, 120}, {time.Minute, 116, 120, 120},
		{2 * refreshAge, 103, 102, 100}, {2 * refreshAge, 96, 96, 96},
	} {
		now := now.Add(step.after)
		file = update(file, map[ends]measurement{pair: {rttMs: step.measured}}, base, now)
		if len(file) != 2 || file[0].From != "sydney" || file[0].RTTMs != step.sydney || file[1].RTTMs != step.to || file[1].Basis != links.Measured {
			t.Errorf("measured %v: got %+v", step.measured, file)
		}
	}
}

func TestRoundsFollowEachOtherFasterWhileNodesAreNew(t *testing.T) {
	c := newCluster(t)
	expect := func(what string, want time.Duration) {
		t.Helper()
		c.round()
		if got := c.wait(c.clock.Now()); got != want {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	expect("without nodes", firstInterval)
	for _, object := range append(node("a", "tokyo", nil), node("b", "sydney", nil)...) {
		if err := c.Client.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
	expect("with new nodes", firstInterval)
	c.clock.Step(settling)
	expect("with nodes that were chosen earlier", interval)
}
