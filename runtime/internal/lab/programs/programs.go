// Package programs is the table of images that the lab runs for real, as processes, instead of simulating them.
package programs

import (
	"regexp"
	"sort"
	"strings"
)

// byRepository maps an image's repository, whatever its tag or digest, to the program in the lab's folder of tools.
var byRepository = map[string]string{
	"ghcr.io/skerry-dev/edge-scheduler":  "edge-scheduler",
	"ghcr.io/skerry-dev/node-controller": "node-controller",
}

// For gives the program that runs for an image, if one does.
func For(image string) (program string, found bool) {
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

// Pattern matches the images of the table, as a regular expression.
func Pattern() string {
	repositories := make([]string, 0, len(byRepository))
	for repository := range byRepository {
		repositories = append(repositories, regexp.QuoteMeta(repository))
	}
	sort.Strings(repositories)
	return "^(" + strings.Join(repositories, "|") + ")([:@]|$)"
}
