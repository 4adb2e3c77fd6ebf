package userdata

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// documentFile is the file with the Document on a machine.
const documentFile = "/etc/skerry/machine.json"

const documentVersion = "skerry.dev/machine/v1"

// k3sVersion is the form of a version of K3s.
var k3sVersion = regexp.MustCompile(`^v\d+\.\d+\.\d+(-rc\d+)?\+k3s\d+$`)

// Document is what a machine does before K3s starts. It contains no secret.
type Document struct {
	APIVersion string `json:"apiVersion"`
	Role       Role   `json:"role"`
	Cluster    string `json:"cluster"`
	// Host and Port are the stable address of the Kubernetes API.
	Host       string     `json:"host"`
	Port       int        `json:"port"`
	Parameters Parameters `json:"parameters"`
	// Files are the files that the machine writes from parameters.
	Files []File `json:"files"`
	// Birth is the parameter that records which machine created the cluster. Agents have none.
	Birth string `json:"birth,omitempty"`
	// Restore is the parameter with the order of a restore. Agents have none.
	Restore string `json:"restore,omitempty"`
	// K3s is the release to install, unless the image contains K3s.
	K3s *Release `json:"k3s,omitempty"`
	// Node is how the machine names its node, unless its hostname is the name. The lab ignores it.
	Node json.RawMessage `json:"node,omitempty"`
}

// Release is a release of K3s. The lab downloads nothing: only the version has a meaning.
type Release struct {
	// Version is the version of K3s, such as v1.36.3+k3s1.
	Version string          `json:"version"`
	Source  string          `json:"source"`
	SHA256  json.RawMessage `json:"sha256"`
}

// K3sVersionRule is the rule for versions of K3s.
const K3sVersionRule = "must be a K3s version, such as v1.36.3+k3s1"

// IsK3sVersion reports whether a text is a version of K3s.
func IsK3sVersion(text string) bool { return k3sVersion.MatchString(text) }

// Parameters is where a machine reads its secrets.
type Parameters struct {
	// Prefix is the start of the full name of every parameter.
	Prefix string `json:"prefix"`
	Region string `json:"region"`
}

// File is a file whose content is the value of a parameter.
type File struct {
	Path string `json:"path"`
	// Parameter is the name below the prefix.
	Parameter string `json:"parameter"`
}

// FullName returns the full name of a parameter of the machine.
func (d Document) FullName(parameter string) string { return d.Parameters.Prefix + "/" + parameter }

func parseDocument(content []byte) (Document, error) {
	var document Document
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&document); err != nil {
		return document, fmt.Errorf("%s: %w", documentFile, err)
	}
	return document, document.validate()
}

// validate returns an error that names every problem.
func (d Document) validate() error {
	var problems []error
	require := func(valid bool, field, rule string) {
		if !valid {
			problems = append(problems, fmt.Errorf("%s: %s: %s", documentFile, field, rule))
		}
	}
	require(d.APIVersion == documentVersion, "apiVersion", "must be "+documentVersion)
	require(d.Role == Server || d.Role == Agent, "role", "must be one of: server, agent")
	require(d.Cluster != "", "cluster", "must not be empty")
	require(d.Host != "", "host", "must not be empty")
	require(d.Port > 0 && d.Port < 1<<16, "port", "must be between 1 and 65535")
	require(strings.HasPrefix(d.Parameters.Prefix, "/"), "parameters.prefix", "must start with /")
	require(d.K3s == nil || IsK3sVersion(d.K3s.Version), "k3s.version", K3sVersionRule)
	require((d.Role == Server) == (d.Birth != ""), "birth", "must be set for servers only")
	require((d.Role == Server) == (d.Restore != ""), "restore", "must be set for servers only")
	seen := map[string]bool{}
	for i, file := range d.Files {
		field := fmt.Sprintf("files[%d]", i)
		require(path.IsAbs(file.Path) && path.Clean(file.Path) == file.Path, field+".path", "must be an absolute path")
		require(file.Parameter != "", field+".parameter", "must not be empty")
		require(!seen[file.Path], field+".path", "must not occur twice")
		seen[file.Path] = true
	}
	return errors.Join(problems...)
}
