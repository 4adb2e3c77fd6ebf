package nodeagent

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"sigs.k8s.io/yaml"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
	"github.com/skerry-dev/skerry/runtime/pkg/nodeagent/apiclient"
	"github.com/skerry-dev/skerry/runtime/pkg/nodeagent/roundtrip"
	"github.com/skerry-dev/skerry/runtime/pkg/nodeagent/usage"
)

// server is an API server that stores one profile, after it checked it against the schema.
type server struct {
	t         *testing.T
	validator validation.SchemaValidator
	profile   map[string]any
	capacity  string
	requests  []string
	down      bool
}

func newServer(t *testing.T) *server {
	t.Helper()
	text, err := os.ReadFile("../../apis/skerry/v1alpha1/skerry.dev_nodeprofiles.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var definition apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(text, &definition); err != nil {
		t.Fatal(err)
	}
	var schema apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(definition.Spec.Versions[0].Schema.OpenAPIV3Schema, &schema, nil); err != nil {
		t.Fatal(err)
	}
	validator, _, err := validation.NewSchemaValidator(&schema)
	if err != nil {
		t.Fatal(err)
	}
	return &server{t: t, validator: validator, capacity: `{"iops":3200,"networkMbps":100,"coreSpeed":9}`}
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	const profiles = "/apis/skerry.dev/v1alpha1/nodeprofiles"
	s.requests = append(s.requests, r.Method+" "+strings.TrimPrefix(r.URL.Path, profiles))
	var change map[string]any
	if len(body) > 0 {
		if err := json.Unmarshal(body, &change); err != nil {
			s.t.Errorf("invalid JSON: %v", err)
		}
	}
	switch {
	case s.down:
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case r.URL.Path == "/api/v1/nodes/n":
		_ = json.NewEncoder(w).Encode(map[string]any{"metadata": map[string]any{"uid": "u", "annotations": map[string]any{"skerry.dev/capacity": s.capacity}}})
		return
	case r.Method == http.MethodPost && r.URL.Path == profiles && s.profile == nil:
		s.profile = change
	case r.Method == http.MethodPatch && s.profile == nil:
		w.WriteHeader(http.StatusNotFound)
		return
	case r.Method == http.MethodPatch && r.URL.Path == profiles+"/n/status":
		s.merge("status", change)
	case r.Method == http.MethodPatch && r.URL.Path == profiles+"/n":
		s.merge("spec", change)
	default:
		s.t.Errorf("unexpected request: %s %s", r.Method, r.URL)
	}
	for _, err := range validation.ValidateCustomResource(nil, s.profile, s.validator) {
		s.t.Errorf("invalid profile: %v", err)
	}
	_, _ = io.WriteString(w, "{}")
}

// merge applies a merge patch to one part of the profile.
func (s *server) merge(part string, change map[string]any) {
	s.profile[part] = mergePatch(s.profile[part], change[part])
}

// mergePatch implements RFC 7396.
func mergePatch(target, patch any) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	result, ok := target.(map[string]any)
	if !ok {
		result = map[string]any{}
	}
	for key, value := range changes {
		if value == nil {
			delete(result, key)
		} else {
			result[key] = mergePatch(result[key], value)
		}
	}
	return result
}

// decoded returns the profile as clients of the API decode it. Unknown fields fail.
func (s *server) decoded() *v1alpha1.NodeProfile {
	s.t.Helper()
	text, err := json.Marshal(s.profile)
	if err != nil {
		s.t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	profile := &v1alpha1.NodeProfile{}
	if err := decoder.Decode(profile); err != nil {
		s.t.Fatal(err)
	}
	return profile
}

// newAgent returns an agent on a machine whose files the returned function writes: ticks of busy and idle time, received
// bytes, and CPU time in µs of a pod.
func newAgent(t *testing.T, s *server) (*Agent, func(busy, idle, received, pod int)) {
	t.Helper()
	api := httptest.NewTLSServer(s)
	t.Cleanup(api.Close)
	folder := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("token", "t")
	write("ca.crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: api.Certificate().Raw})))
	write("proc/meminfo", "MemTotal: 4000000 kB\nMemAvailable: 3000000 kB\n")
	write("sys/fs/cgroup/cgroup.controllers", "cpu")
	write("sys/class/net/eth0/device/vendor", "x")
	write("sys/class/net/eth0/operstate", "up")
	write("sys/class/net/eth0/speed", "1000")
	write("sys/class/net/eth0/statistics/tx_bytes", "0")
	pod := "sys/fs/cgroup/kubepods/pod0a1b2c3d-0000-4000-8000-000000000001/"
	write(pod+"memory.current", "1048576")
	advance := func(busy, idle, received, used int) {
		write("proc/stat", fmt.Sprintf("cpu  %d 0 0 %d 0 0 0 0 0 0\ncpu0 0\ncpu1 0\n", busy, idle))
		write("sys/class/net/eth0/statistics/rx_bytes", fmt.Sprint(received))
		write(pod+"cpu.stat", fmt.Sprintf("usage_usec %d\n", used))
	}
	advance(0, 0, 0, 0)
	clock := &apiclient.Clock{}
	return &Agent{
		Node: "n", Clock: clock, ProbeAddress: "10.0.0.1:9464", Interval: 30 * time.Second, Logger: slog.New(slog.DiscardHandler),
		Client:  &apiclient.Client{Server: api.URL, TokenFile: filepath.Join(folder, "token"), AuthorityFile: filepath.Join(folder, "ca.crt"), Clock: clock},
		Sampler: usage.Sampler{Proc: filepath.Join(folder, "proc"), Sys: filepath.Join(folder, "sys")},
		Prober:  &roundtrip.Prober{Node: "n", Nodes: func() []roundtrip.Node { return nil }},
	}, advance
}

// tick is one round of the agent at a time.
func tick(t *testing.T, agent *Agent, now time.Time) {
	t.Helper()
	agent.readNode(t.Context(), now)
	agent.step(t.Context(), now)
}

func TestAgentPublishesWhatTheSchedulerReads(t *testing.T) {
	s := newServer(t)
	agent, advance := newAgent(t, s)
	now := time.Now()
	agent.Sampler.Sample(now.Add(-30*time.Second), 0)
	// 25 % of the cores, 30 of the declared 100 Mbit/s, and half a core for the pod.
	advance(1500, 4500, 30e6/8*30, 15e6)
	tick(t, agent, now)
	want := []string{"GET /api/v1/nodes/n", "PATCH /n/status", "POST ", "PATCH /n/status", "PATCH /n"}
	if !slices.Equal(s.requests, want) {
		t.Errorf("got requests %q, want %q", s.requests, want)
	}
	object := s.decoded()
	if len(object.OwnerReferences) != 1 || object.OwnerReferences[0].Name != "n" || object.OwnerReferences[0].UID != "u" {
		t.Errorf("got owners %+v", object.OwnerReferences)
	}
	store := &load.Store{}
	store.Put("n", load.FromObject(object, now))
	store.Subscribe(func(_ string, profile *load.Profile) {
		for d, want := range map[load.Dimension]float64{load.CPU: 0.25, load.Memory: 0.25, load.Network: 0.3} {
			if got, known := profile.Usage.Get(d); !known || got != want {
				t.Errorf("usage of %s: got %v, want %v", d, got, want)
			}
		}
		for d, want := range map[load.Dimension]float64{load.CPU: 2, load.Memory: 4.1, load.IO: 3200, load.Network: 0.1} {
			if got, known := profile.Capability.Get(d); !known || got != want {
				t.Errorf("capability in %s: got %v, want %v", d, got, want)
			}
		}
		if _, known := profile.Usage.Get(load.IO); known {
			t.Error("got I/O usage without a disk")
		}
		if len(profile.Pods) != 1 || profile.Pods[0] != (load.PodUsage{Pod: "0a1b2c3d-0000-4000-8000-000000000001", Cores: 0.5, Bytes: 1 << 20}) {
			t.Errorf("got pods %+v", profile.Pods)
		}
		if profile.Time.Sub(now).Abs() > time.Second || profile.Window != 30*time.Second || profile.Speed != 0 {
			t.Errorf("got %+v", profile)
		}
	})
	// The measured speed counts, not the declared one.
	agent.SetSpeed(1.5)
	s.requests = nil
	tick(t, agent, now.Add(30*time.Second))
	tick(t, agent, now.Add(60*time.Second))
	if want := []string{"PATCH /n/status", "PATCH /n", "PATCH /n/status"}; !slices.Equal(s.requests, want) {
		t.Errorf("got requests %q, want %q", s.requests, want)
	}
	if speed := s.decoded().Spec.Capability.CoreSpeed; speed == nil || *speed != 1.5 {
		t.Errorf("got the speed %v", speed)
	}
}

// What is no longer known must not stay in the profile.
func TestUnknownValuesReplaceEarlierOnes(t *testing.T) {
	s := newServer(t)
	agent, advance := newAgent(t, s)
	now := time.Now()
	for minute := range 15 {
		advance(100*minute, 1000*minute, 1e6*minute, 0)
		tick(t, agent, now.Add(time.Duration(minute)*time.Minute))
	}
	if profile := s.decoded(); profile.Status.Trend.NetworkPercent == nil || profile.Spec.Capability.NetworkGbps == nil {
		t.Fatalf("got %+v", profile)
	}
	s.capacity = ""
	agent.nodeRead = time.Time{}
	if err := os.RemoveAll(filepath.Join(agent.Sampler.Sys, "class")); err != nil {
		t.Fatal(err)
	}
	for minute := range 100 {
		tick(t, agent, now.Add(time.Duration(20+minute)*time.Minute))
	}
	profile := s.decoded()
	if profile.Status.Trend.NetworkPercent != nil || profile.Spec.Capability.NetworkGbps != nil || profile.Spec.Capability.IOPS != nil {
		t.Errorf("got %+v and %+v", profile.Status.Trend, profile.Spec.Capability)
	}
}

func TestAgentContinuesAfterAnOutageAndADeletedProfile(t *testing.T) {
	s := newServer(t)
	s.down = true
	agent, advance := newAgent(t, s)
	now := time.Now()
	tick(t, agent, now)
	if !agent.LastPublished().IsZero() || s.profile != nil {
		t.Error("published during an outage")
	}
	s.down = false
	advance(10, 90, 0, 0)
	tick(t, agent, now.Add(30*time.Second))
	if len(s.decoded().Status.Samples) != 1 || !agent.LastPublished().Equal(now.Add(30*time.Second)) {
		t.Errorf("after an outage: got %+v", s.profile)
	}
	s.profile = nil
	tick(t, agent, now.Add(60*time.Second))
	if profile := s.decoded(); len(profile.Status.Samples) != 2 || profile.Spec.Capability.IOPS == nil {
		t.Errorf("after its deletion: got %+v", profile)
	}
}

func TestReadinessFollowsPublications(t *testing.T) {
	s := newServer(t)
	agent, _ := newAgent(t, s)
	expect := func(path string, want int) {
		t.Helper()
		response := httptest.NewRecorder()
		agent.Health().ServeHTTP(response, httptest.NewRequest(http.MethodGet, path, nil))
		if response.Code != want {
			t.Errorf("%s: got %d, want %d", path, response.Code, want)
		}
	}
	expect("/livez", http.StatusOK)
	expect("/readyz", http.StatusServiceUnavailable)
	tick(t, agent, time.Now())
	expect("/readyz", http.StatusOK)
	tick(t, agent, time.Now().Add(-readyIntervals*agent.Interval-time.Second))
	expect("/readyz", http.StatusServiceUnavailable)
}

func TestMetricsCountPublications(t *testing.T) {
	s := newServer(t)
	agent, _ := newAgent(t, s)
	now := time.Unix(1_700_000_000, 0)
	tick(t, agent, now)
	tick(t, agent, now.Add(30*time.Second))
	agent.Client.Server = "https://127.0.0.1:1"
	agent.step(t.Context(), now.Add(time.Minute))
	response := httptest.NewRecorder()
	agent.Health().ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	var samples []string
	for line := range strings.Lines(response.Body.String()) {
		if !strings.HasPrefix(line, "#") {
			samples = append(samples, strings.TrimSpace(line))
		}
	}
	want := []string{
		"skerry_node_agent_publications_total 2",
		"skerry_node_agent_failed_publications_total 1",
		"skerry_node_agent_last_publication_timestamp_seconds 1.70000003e+09",
	}
	if !slices.Equal(samples, want) {
		t.Errorf("got %q, want %q", samples, want)
	}
}
