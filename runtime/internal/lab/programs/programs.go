// Package programs maps container images to the programs that the lab runs as processes instead of simulating them.
package programs

import (
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

// byRepository maps image repositories to programs. Tags and digests are ignored.
var byRepository = map[string]string{
	"ghcr.io/skerry-dev/edge-scheduler":           "edge-scheduler",
	"ghcr.io/skerry-dev/node-controller":          "node-controller",
	"docker.io/rancher/system-upgrade-controller": "system-upgrade-controller",
	"docker.io/rancher/kubectl":                   Kubectl,
	"docker.io/rancher/k3s-upgrade":               K3sUpgrade,
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
func Find(image string) (program string, found bool) {
	repository, _ := split(image)
	program, found = byRepository[repository]
	return program, found
}

// K3sVersion returns the version of K3s in an image of K3sUpgrade: its tag, which cannot contain a plus sign.
func K3sVersion(image string) string {
	_, tag := split(image)
	return strings.Replace(tag, "-k3s", "+k3s", 1)
}

// Pattern returns a regular expression that matches the images that run as processes.
func Pattern() string {
	repositories := make([]string, 0, len(byRepository))
	for repository := range byRepository {
		repositories = append(repositories, regexp.QuoteMeta(repository))
	}
	sort.Strings(repositories)
	return "^(" + strings.Join(repositories, "|") + ")([:@]|$)"
}
