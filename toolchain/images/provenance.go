package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

const inTotoMediaType = "application/vnd.in-toto+json"

type digestSet map[string]string

type resource struct {
	Name   string    `json:"name,omitempty"`
	URI    string    `json:"uri,omitempty"`
	Digest digestSet `json:"digest,omitempty"`
}

// provenance returns a statement (in-toto 1.0, SLSA provenance 1.0) of how an image was built: enough to build it again and
// to compare the digest. It is not signed; a signature of the registry's digest covers it.
func provenance(reference string, digest v1.Hash, from program, version string, platforms []v1.Platform) ([]byte, error) {
	dependencies := []resource{{URI: "https://go.dev/dl/?go=" + runtime.Version(), Name: runtime.Version()}}
	for _, file := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(from.Module, file))
		if os.IsNotExist(err) && file == "go.sum" {
			continue
		}
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(data)
		dependencies = append(dependencies, resource{Name: file, Digest: digestSet{"sha256": hex.EncodeToString(sum[:])}})
	}
	names := make([]string, 0, len(platforms))
	for _, platform := range platforms {
		names = append(names, platform.String())
	}
	return json.MarshalIndent(map[string]any{
		"_type":         "https://in-toto.io/Statement/v1",
		"subject":       []resource{{Name: reference, Digest: digestSet{digest.Algorithm: digest.Hex}}},
		"predicateType": "https://slsa.dev/provenance/v1",
		"predicate": map[string]any{
			"buildDefinition": map[string]any{
				"buildType": "https://skerry.dev/images/v1",
				"externalParameters": map[string]any{
					"program": from.Name, "package": from.Package, "version": version, "platforms": names,
					"tags": from.Tags, "ldflags": from.LDFlags,
				},
				"resolvedDependencies": dependencies,
			},
			"runDetails": map[string]any{"builder": map[string]any{"id": "https://skerry.dev/images"}},
		},
	}, "", "  ")
}
