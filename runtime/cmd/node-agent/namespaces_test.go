package main

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/internal/delaynet"
	"github.com/skerry-dev/skerry/runtime/internal/programtest"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
	"github.com/skerry-dev/skerry/runtime/pkg/measuredlinks"
)

// The test binary is the agent if this variable is set.
const runAgent = "SKERRY_TEST_RUN_NODE_AGENT"

func TestMain(m *testing.M) { programtest.Main(m, runAgent, main) }

const fleetLinks = `{"version":1,"unit":"ms","regions":[{"name":"osaka","latitude":34.7,"longitude":135.5},
{"name":"sydney","latitude":-33.9,"longitude":151.2},{"name":"tokyo","latitude":35.7,"longitude":139.7}],"links":[]}`

// site is a cluster whose nodes are network namespaces with agents, and whose API server is this process.
type site struct {
	t       *testing.T
	client  client.Client
	links   *links.FileSource
	folder  string
	control *measuredlinks.Controller
	// mutex protects regions: the region of each namespace.
	mutex   sync.Mutex
	regions map[string]string
}

func newSite(t *testing.T) *site {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	name := func(name string) types.NamespacedName { return types.NamespacedName{Namespace: "s", Name: name} }
	builder := fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&v1alpha1.NodeProfile{})
	for config, data := range map[string]map[string]string{"region-links": {"links.json": fleetLinks}, "measured-links": nil, "probe-nodes": nil} {
		builder.WithObjects(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "s", Name: config}, Data: data})
	}
	s := &site{t: t, client: builder.Build(), folder: t.TempDir(), regions: map[string]string{}}
	s.control = &measuredlinks.Controller{
		Client: s.client, Reader: s.client, Clock: clock.RealClock{},
		RegionLinks: name("region-links"), MeasuredLinks: name("measured-links"), ProbeNodes: name("probe-nodes"),
	}
	s.write("links.json", fleetLinks)
	source, err := links.OpenFiles(t.Context(), filepath.Join(s.folder, "links.json"), filepath.Join(s.folder, "measured.json"), clock.RealClock{}, klog.Background())
	if err != nil {
		t.Fatal(err)
	}
	s.links = source
	return s
}

func (s *site) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.folder, name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// ServeHTTP stores profiles. It lets the third node of each region lie.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if strings.HasPrefix(r.URL.Path, "/api/v1/nodes/") {
		_, _ = io.WriteString(w, `{"metadata":{"uid":"u"}}`)
		return
	}
	var err error
	if r.Method == http.MethodPost {
		profile := &v1alpha1.NodeProfile{}
		if err = json.Unmarshal(body, profile); err == nil {
			err = s.client.Create(r.Context(), profile)
		}
	} else {
		profile := &v1alpha1.NodeProfile{ObjectMeta: metav1.ObjectMeta{Name: parts[4]}}
		if strings.HasSuffix(profile.Name, "-3") {
			body = lie(body)
		}
		patch := client.RawPatch(types.MergePatchType, body)
		if len(parts) == 6 {
			err = s.client.Status().Patch(r.Context(), profile, patch)
		} else {
			err = s.client.Patch(r.Context(), profile, patch)
		}
	}
	if client.IgnoreNotFound(err) != nil {
		s.t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	if err != nil {
		w.WriteHeader(http.StatusNotFound)
	}
	_, _ = io.WriteString(w, "{}")
}

// lie makes every round trip of a status extremely short.
func lie(body []byte) []byte {
	var patch struct {
		Status map[string]any `json:"status"`
	}
	if json.Unmarshal(body, &patch) != nil || patch.Status == nil {
		return body
	}
	trips, _ := patch.Status["roundTrips"].([]any)
	for _, trip := range trips {
		trip.(map[string]any)["medianMs"] = 0.01
	}
	changed, _ := json.Marshal(patch)
	return changed
}

// addNode starts an agent in a namespace. Its API server listens in that namespace too.
func (s *site) addNode(network *delaynet.Network, name, region string, arguments ...string) {
	s.t.Helper()
	host := network.AddHost()
	s.mutex.Lock()
	s.regions[host.Namespace] = region
	s.mutex.Unlock()
	node := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{labels.EdgeRegion: region}},
		Status:     corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}},
	}
	if err := s.client.Create(s.t.Context(), node); err != nil {
		s.t.Fatal(err)
	}
	api := httptest.NewUnstartedServer(s)
	if err := delaynet.In(host.Namespace, func() (err error) { api.Listener, err = net.Listen("tcp", "127.0.0.1:0"); return err }); err != nil {
		s.t.Fatal(err)
	}
	api.StartTLS()
	s.t.Cleanup(api.Close)
	s.write("ca.crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: api.Certificate().Raw})))
	s.write("token", "t")
	file := func(name string) string { return filepath.Join(s.folder, name) }
	if err := os.MkdirAll(file("state"), 0o700); err != nil {
		s.t.Fatal(err)
	}
	s.write("state/core-speed.json", "{}")
	command := exec.Command("ip", append([]string{
		"netns", "exec", host.Namespace, os.Args[0], "--node-name=" + name, "--server=" + api.URL, "--token-file=" + file("token"),
		"--certificate-authority=" + file("ca.crt"), "--nodes-file=" + file("nodes.json"), "--state-dir=" + file("state"),
		"--probe-address=" + host.Address.String() + ":9464",
	}, arguments...)...)
	command.Env = append(os.Environ(), runAgent+"=1")
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		if err := command.Wait(); err != nil {
			s.t.Errorf("agent %s: %v", name, err)
		}
	})
}

// round runs the controller and copies its ConfigMaps to the files that the kubelet would mount.
func (s *site) round() {
	s.t.Helper()
	if err := s.control.Round(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	for config, file := range map[types.NamespacedName][2]string{
		s.control.MeasuredLinks: {"links.json", "measured.json"}, s.control.ProbeNodes: {"nodes.json", "nodes.json"},
	} {
		object := &corev1.ConfigMap{}
		if err := s.client.Get(context.Background(), config, object); err != nil {
			s.t.Fatal(err)
		}
		s.write(file[1], object.Data[file[0]])
	}
}

var pairs = [][2]string{{"osaka", "sydney"}, {"osaka", "tokyo"}, {"sydney", "tokyo"}}

// roundTrips are the delays that the test sets, by pair of regions.
type roundTrips map[[2]string]time.Duration

func (r roundTrips) between(a, b string) time.Duration { return r[[2]string{min(a, b), max(a, b)}] }

// await runs the controller until every measured link is within the tolerance, and returns how long it took. Without a
// tolerance of its own, a busy machine adds to every delay.
func (s *site) await(set roundTrips, tolerance, every, limit time.Duration) time.Duration {
	s.t.Helper()
	start := time.Now()
	for {
		s.round()
		time.Sleep(every)
		missing := ""
		for _, pair := range pairs {
			link, _ := s.links.Matrix().Link(pair[0], pair[1])
			if link.Basis != links.Measured || math.Abs(link.RTTMs-milliseconds(set[pair])) > milliseconds(tolerance) {
				missing += fmt.Sprintf(" %v: %v ms %s, want %v;", pair, link.RTTMs, link.Basis, set[pair])
			}
		}
		if missing == "" {
			return time.Since(start)
		}
		if time.Since(start) > limit {
			s.t.Fatalf("after %v:%s", limit, missing)
		}
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }

// Real agents measure the delays of a network with jitter and loss, and the third node of two regions lies. The links, as the
// scheduler reads them, follow a change.
func TestLinksFollowTheDelaysOfTheNetwork(t *testing.T) {
	tolerance, every, limit := 10*time.Millisecond, 500*time.Millisecond, time.Minute
	arguments := []string{"--interval=1s", "--probe-interval=50ms"}
	if os.Getenv("SKERRY_TEST_REAL_INTERVALS") != "" {
		every, limit, arguments = time.Minute, 20*time.Minute, nil
	}
	s := newSite(t)
	delays := func(set roundTrips) func(from, to *delaynet.Host) time.Duration {
		return func(from, to *delaynet.Host) time.Duration {
			if rand.IntN(50) == 0 {
				return -1
			}
			s.mutex.Lock()
			defer s.mutex.Unlock()
			return set.between(s.regions[from.Namespace], s.regions[to.Namespace])/2 + rand.N(500*time.Microsecond)
		}
	}
	before := roundTrips{pairs[0]: 112 * time.Millisecond, pairs[1]: 8 * time.Millisecond, pairs[2]: 104 * time.Millisecond}
	network := delaynet.New(t, delays(before))
	for _, region := range []string{"tokyo", "osaka"} {
		for i := range 3 {
			s.addNode(network, fmt.Sprintf("%s-%d", region, i+1), region, arguments...)
		}
	}
	s.addNode(network, "sydney-1", "sydney", arguments...)
	t.Logf("measured after %v", s.await(before, tolerance, every, limit).Round(100*time.Millisecond))
	s.report(network, before)
	after := roundTrips{pairs[0]: 112 * time.Millisecond, pairs[1]: 45 * time.Millisecond, pairs[2]: 210 * time.Millisecond}
	network.SetDelay(delays(after))
	t.Logf("a change measured after %v", s.await(after, tolerance, every, limit).Round(100*time.Millisecond))
	s.report(network, after)
}

// report logs the delays that were set, those that the network really had, and the measured links.
func (s *site) report(network *delaynet.Network, set roundTrips) {
	for _, pair := range pairs {
		between := func(a, b string) time.Duration {
			return network.Applied(func(from, to *delaynet.Host) bool {
				s.mutex.Lock()
				defer s.mutex.Unlock()
				return s.regions[from.Namespace] == a && s.regions[to.Namespace] == b
			})
		}
		link, _ := s.links.Matrix().Link(pair[0], pair[1])
		s.t.Logf("%s to %s: set %.1f ms, applied %.2f ms, measured %.2f ms, %s", pair[0], pair[1], milliseconds(set[pair]),
			milliseconds(between(pair[0], pair[1])+between(pair[1], pair[0])), link.RTTMs, link.Source)
	}
}
