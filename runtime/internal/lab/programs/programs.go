// Package programs maps container images to the programs that the lab runs as processes instead of simulating them.
package programs

import (
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

// Programs that are part of the lab. All others are in its tools directory.
const (
	// Kubectl is kubectl itself.
	Kubectl = "kubectl"
	// K3sUpgrade is the image that replaces K3s on a machine.
	K3sUpgrade = "k3s-upgrade"
)

// Program is a program that runs for an image.
type Program struct {
	Name string
	// Sandboxed programs get a file system of their own, as their configuration has the paths and the host names of a container.
	// Where they are missing, or a sandbox is not permitted, their pods are simulated.
	Sandboxed bool
}

// byRepository maps image repositories to programs. Tags and digests are ignored.
var byRepository = map[string]Program{
	"ghcr.io/skerry-dev/edge-scheduler":           {Name: "edge-scheduler"},
	"ghcr.io/skerry-dev/node-controller":          {Name: "node-controller"},
	"docker.io/rancher/system-upgrade-controller": {Name: "system-upgrade-controller"},
	"docker.io/rancher/kubectl":                   {Name: Kubectl},
	"docker.io/rancher/k3s-upgrade":               {Name: K3sUpgrade},
	"ghcr.io/skerry-dev/edge-agent":               {Name: "edge-agent", Sandboxed: true},
	"ghcr.io/skerry-dev/edge-ingest":              {Name: "edge-ingest", Sandboxed: true},
	"docker.io/library/eclipse-mosquitto":         {Name: "mosquitto", Sandboxed: true},
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

// Simulated returns the names of the programs whose pods a lab simulates, sorted: sandboxed ones that are missing in its tools
// directory, or all of them if no sandbox is permitted.
func Simulated(toolsDir string, permitted bool) []string {
	var names []string
	for _, program := range byRepository {
		if !program.Sandboxed {
			continue
		}
		if _, err := os.Stat(filepath.Join(toolsDir, program.Name)); err != nil || !permitted {
			names = append(names, program.Name)
		}
	}
	sort.Strings(names)
	return names
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
