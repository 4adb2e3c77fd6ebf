// Package programs maps container images to the programs that the lab runs as processes instead of simulating them.
package programs

import (
	"regexp"
	"sort"
	"strings"
)

// byRepository maps image repositories to programs in the lab's tools directory. Tags and digests are ignored.
var byRepository = map[string]string{
	"ghcr.io/skerry-dev/edge-scheduler":  "edge-scheduler",
	"ghcr.io/skerry-dev/node-controller": "node-controller",
}

// Find returns the program that runs for an image.
func Find(image string) (program string, found bool) {
	repository := image
	if at := strings.Index(repository, "@"); at >= 0 {
		repository = repository[:at]
	}
	if colon := strings.LastIndex(repository, ":"); colon > strings.LastIndex(repository, "/") {
		repository = repository[:colon]
	}
	program, found = byRepository[repository]
	return program, found
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
