// Package programs maps container images to the programs that the lab runs as processes instead of simulating them.
package programs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Programs that are part of the lab. All others are in its tools directory.
const (
	// Kubectl is kubectl itself.
	Kubectl = "kubectl"
	// K3sUpgrade is the image that replaces K3s on a machine.
	K3sUpgrade = "k3s-upgrade"
	// NodeAgent measures the machine of its node, which the lab simulates for it.
	NodeAgent = "node-agent"
	// Mosquitto is the MQTT broker. It is in the tools directory where it is installed.
	Mosquitto = "mosquitto"
)

// Program is a program that runs for an image.
type Program struct {
	Name string
	// Sandboxed programs get a file system of their own, as their configuration has the paths and the host names of a container.
	// Where a sandbox is not permitted, their pods are simulated.
	Sandboxed bool
	// NeedsBroker programs would wait forever without a broker.
	NeedsBroker bool
}

// byRepository maps image repositories to programs. Tags and digests are ignored.
var byRepository = map[string]Program{
	"ghcr.io/skerry-dev/edge-scheduler":           {Name: "edge-scheduler"},
	"ghcr.io/skerry-dev/node-controller":          {Name: "node-controller"},
	"docker.io/rancher/system-upgrade-controller": {Name: "system-upgrade-controller"},
	"docker.io/rancher/kubectl":                   {Name: Kubectl},
	"docker.io/rancher/k3s-upgrade":               {Name: K3sUpgrade},
	"ghcr.io/skerry-dev/node-agent":               {Name: NodeAgent, Sandboxed: true},
	"ghcr.io/skerry-dev/edge-agent":               {Name: "edge-agent", Sandboxed: true, NeedsBroker: true},
	"ghcr.io/skerry-dev/edge-ingest":              {Name: "edge-ingest", Sandboxed: true, NeedsBroker: true},
	"docker.io/library/eclipse-mosquitto":         {Name: Mosquitto, Sandboxed: true},
}

// Table holds the programs of one lab.
type Table map[string]Program

// NewTable returns all programs but some, whose pods are simulated.
func NewTable(simulated []string) Table {
	table := Table{}
	for repository, program := range byRepository {
		table[repository] = program
	}
	for _, name := range simulated {
		for repository, program := range table {
			if program.Name == name {
				delete(table, repository)
			}
		}
	}
	return table
}

// Simulation tells which programs a lab simulates although it could run them elsewhere, and why.
type Simulation struct {
	Programs []string `json:"programs"`
	Reason   string   `json:"reason"`
}

// Simulate returns what a lab simulates: all sandboxed programs if sandboxes are not permitted for a reason, or the broker and what
// needs it if it is not in the tools directory. It returns nil if the lab runs everything.
func Simulate(toolsDir string, notPermitted error) *Simulation {
	_, missing := os.Stat(filepath.Join(toolsDir, Mosquitto))
	simulation := &Simulation{}
	switch {
	case notPermitted != nil:
		simulation.Reason = fmt.Sprintf("this machine permits no user namespaces: %s", notPermitted)
	case missing != nil:
		simulation.Reason = "mosquitto is not installed"
	default:
		return nil
	}
	for _, program := range byRepository {
		if program.Sandboxed && (notPermitted != nil || program.NeedsBroker || program.Name == Mosquitto) {
			simulation.Programs = append(simulation.Programs, program.Name)
		}
	}
	sort.Strings(simulation.Programs)
	return simulation
}

// split returns the repository and the tag of an image.
func split(image string) (repository, tag string) {
	repository, _, _ = strings.Cut(image, "@")
	if colon := strings.LastIndex(repository, ":"); colon > strings.LastIndex(repository, "/") {
		return repository[:colon], repository[colon+1:]
	}
	return repository, ""
}

// Find returns the program that runs for an image.
func (t Table) Find(image string) (program Program, found bool) {
	repository, _ := split(image)
	program, found = t[repository]
	return program, found
}

// RunsNodeAgent reports whether a pod is a node agent that runs as a process.
func (t Table) RunsNodeAgent(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Spec.Containers, func(container corev1.Container) bool {
		program, found := t.Find(container.Image)
		return found && program.Name == NodeAgent
	})
}

// K3sVersion returns the version of K3s in an image of K3sUpgrade: its tag, which cannot contain a plus sign.
func K3sVersion(image string) string {
	_, tag := split(image)
	return strings.Replace(tag, "-k3s", "+k3s", 1)
}

// Pattern returns a regular expression that matches the images that run as processes.
func (t Table) Pattern() string {
	repositories := make([]string, 0, len(t))
	for repository := range t {
		repositories = append(repositories, regexp.QuoteMeta(repository))
	}
	sort.Strings(repositories)
	return "^(" + strings.Join(repositories, "|") + ")([:@]|$)"
}
