package programs

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestFindAgreesWithPattern(t *testing.T) {
	table := NewTable([]string{"mosquitto"})
	pattern := regexp.MustCompile(table.Pattern())
	for image, want := range map[string]string{
		"ghcr.io/skerry-dev/edge-scheduler":                    "edge-scheduler",
		"ghcr.io/skerry-dev/edge-scheduler:0.1.0":              "edge-scheduler",
		"ghcr.io/skerry-dev/node-controller@sha256:abcd":       "node-controller",
		"ghcr.io/skerry-dev/edge-scheduler-extra:0.1.0":        "",
		"localhost:5000/ghcr.io/skerry-dev/edge-scheduler":     "",
		"docker.io/library/eclipse-mosquitto:2.0.22":           "",
		"ghcr.io/skerry-dev/edge-agent:0.1.0":                  "edge-agent",
		"docker.io/rancher/k3s-upgrade:v1.36.3-k3s1@sha256:ab": K3sUpgrade,
	} {
		program, found := table.Find(image)
		got := program.Name
		if got != want || found != (want != "") || pattern.MatchString(image) != found {
			t.Errorf("%s: got program %q, found %v, matches pattern %v", image, got, found, pattern.MatchString(image))
		}
	}
}

func TestK3sVersionIsTheTag(t *testing.T) {
	for image, want := range map[string]string{
		"docker.io/rancher/k3s-upgrade:v1.36.3-k3s1":                 "v1.36.3+k3s1",
		"docker.io/rancher/k3s-upgrade:v1.36.3-rc2-k3s1@sha256:abcd": "v1.36.3-rc2+k3s1",
		"localhost:5000/rancher/k3s-upgrade@sha256:0123456789abcdef": "",
	} {
		if got := K3sVersion(image); got != want {
			t.Errorf("%s: got %q, want %q", image, got, want)
		}
	}
}

func TestProgramsThatCannotRunAreSimulated(t *testing.T) {
	tools, edgeData := t.TempDir(), []string{"edge-agent", "edge-ingest", "mosquitto"}
	missing := Simulate(tools, nil)
	if missing == nil || !slices.Equal(missing.Programs, edgeData) || missing.Reason != "mosquitto is not installed" {
		t.Errorf("got %+v", missing)
	}
	if _, found := NewTable(missing.Programs).Find("ghcr.io/skerry-dev/edge-agent:0.1.0"); found {
		t.Error("an agent without a broker is not simulated")
	}
	if err := os.WriteFile(filepath.Join(tools, "mosquitto"), nil, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := Simulate(tools, nil); got != nil {
		t.Errorf("got %+v", got)
	}
	if got := Simulate(tools, errors.New("EPERM")); got == nil || !slices.Equal(got.Programs, append(edgeData, "node-agent")) || !strings.Contains(got.Reason, "EPERM") {
		t.Errorf("got %+v", got)
	}
}
