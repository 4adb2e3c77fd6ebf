package strict

import "strings"

// Problem is one thing that is wrong with a document.
type Problem struct {
	// Path is the field, such as sensors[1].interval. Empty means the document.
	Path    string `json:"path,omitempty"`
	Message string `json:"message"`
}

func (p Problem) String() string {
	if p.Path == "" {
		return p.Message
	}
	return p.Path + ": " + p.Message
}

// Problems are all problems of a document. They are an error if there are any.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for index, each := range p {
		lines[index] = each.String()
	}
	return strings.Join(lines, "\n")
}
