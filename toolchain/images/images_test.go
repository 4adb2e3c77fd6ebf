package main

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/distribution/distribution/v3/registry/handlers"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/inmemory"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const allPlatforms = "linux/amd64,linux/arm64,linux/arm/v7"

// newRegistry starts a registry and returns its address.
func newRegistry(t *testing.T) string {
	t.Helper()
	config := &configuration.Configuration{Storage: configuration.Storage{"inmemory": {}}}
	config.Log.Level = "error"
	config.Catalog.MaxEntries = 100
	server := httptest.NewServer(handlers.NewApp(t.Context(), config))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// newModule writes a Go module with one program.
func newModule(t *testing.T, text string) string {
	t.Helper()
	folder := t.TempDir()
	for file, content := range map[string]string{
		"go.mod":            "module example.com/hello\n\ngo 1.26.0\n",
		"cmd/hello/main.go": "package main\n\nfunc main() { println(" + text + ") }\n",
	} {
		path := filepath.Join(folder, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func hello(module, repository string) options {
	return options{
		program: program{Name: "hello", Module: module, Package: "./cmd/hello"},
		version: "1.2.3", repository: repository, platforms: allPlatforms, push: true,
	}
}

// pull returns the index that a registry has.
func pull(t *testing.T, address string) (v1.ImageIndex, name.Tag) {
	t.Helper()
	reference, err := name.NewTag(address + "/skerry/hello:1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	index, err := remote.Index(reference)
	if err != nil {
		t.Fatal(err)
	}
	return index, reference
}

func digestOf(t *testing.T, described interface{ Digest() (v1.Hash, error) }) v1.Hash {
	t.Helper()
	digest, err := described.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// document returns what refers to a digest with a media type.
func document(t *testing.T, reference name.Tag, digest v1.Hash, mediaType types.MediaType) map[string]any {
	t.Helper()
	index, err := remote.Referrers(reference.Digest(digest.String()))
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range manifest.Manifests {
		if each.ArtifactType != string(mediaType) {
			continue
		}
		artifact, err := remote.Image(reference.Digest(each.Digest.String()))
		if err != nil {
			t.Fatal(err)
		}
		layers, err := artifact.Layers()
		if err != nil || len(layers) != 1 {
			t.Fatalf("%d layers, %v", len(layers), err)
		}
		reader, err := layers[0].Compressed()
		if err != nil {
			t.Fatal(err)
		}
		var decoded map[string]any
		if err := json.NewDecoder(reader).Decode(&decoded); err != nil {
			t.Fatal(err)
		}
		return decoded
	}
	t.Fatalf("no %s refers to %s", mediaType, digest)
	return nil
}

func TestAnImageIsPushedAndPulled(t *testing.T) {
	address := newRegistry(t)
	if err := run(t.Context(), hello(newModule(t, `"hello"`), address+"/skerry")); err != nil {
		t.Fatal(err)
	}
	index, reference := pull(t, address)
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var platforms []string
	for _, each := range manifest.Manifests {
		platforms = append(platforms, each.Platform.String())
		image, err := index.Image(each.Digest)
		if err != nil {
			t.Fatal(err)
		}
		checkImage(t, image, *each.Platform)
		checkList(t, document(t, reference, each.Digest, spdxMediaType), each.Platform.String())
	}
	if got := strings.Join(platforms, ","); got != allPlatforms {
		t.Errorf("platforms: got %s", got)
	}
	checkProvenance(t, document(t, reference, digestOf(t, index), inTotoMediaType), digestOf(t, index))
}

// checkImage checks that an image has the program of its platform, and nothing else, and that it does not run as root.
func checkImage(t *testing.T, image v1.Image, platform v1.Platform) {
	t.Helper()
	file, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if file.Config.User != "65532:65532" || !slices.Equal(file.Config.Entrypoint, []string{"/hello"}) ||
		file.OS != platform.OS || file.Architecture != platform.Architecture || file.Variant != platform.Variant {
		t.Errorf("%s: got %+v", platform, file)
	}
	layers, err := image.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
	content, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewReader(content)
	header, err := archive.Next()
	if err != nil || header.Name != "hello" || header.Mode != 0o555 {
		t.Fatalf("got %+v, %v", header, err)
	}
	elf, err := io.ReadAll(archive)
	if err != nil {
		t.Fatal(err)
	}
	// The machine of an ELF header: 0x3e is amd64, 0xb7 is arm64 and 0x28 is arm.
	if machine := map[string]byte{"amd64": 0x3e, "arm64": 0xb7, "arm": 0x28}[platform.Architecture]; elf[18] != machine {
		t.Errorf("%s: the program is for machine %#x", platform, elf[18])
	}
	if _, err := archive.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("more than one file: %v", err)
	}
}

func checkList(t *testing.T, list map[string]any, platform string) {
	t.Helper()
	if list["spdxVersion"] != "SPDX-2.3" || list["name"] != "hello 1.2.3 for "+platform {
		t.Errorf("got %v", list["name"])
	}
	var names []string
	for _, each := range list["packages"].([]any) {
		names = append(names, each.(map[string]any)["name"].(string))
	}
	if !slices.Equal(names, []string{"hello", "stdlib"}) {
		t.Errorf("packages: got %q", names)
	}
}

func checkProvenance(t *testing.T, statement map[string]any, digest v1.Hash) {
	t.Helper()
	if statement["predicateType"] != "https://slsa.dev/provenance/v1" {
		t.Errorf("got %v", statement["predicateType"])
	}
	subject := statement["subject"].([]any)[0].(map[string]any)
	if got := subject["digest"].(map[string]any)[digest.Algorithm]; got != digest.Hex {
		t.Errorf("subject: got %v, want %s", got, digest.Hex)
	}
}

func TestEqualSourcesGiveEqualDigests(t *testing.T) {
	digest := func(text string) v1.Hash {
		// Each module is in another folder.
		built, err := build(t.Context(), hello(newModule(t, text), "r.example").program, "1.2.3", "r.example/hello:1.2.3",
			[]v1.Platform{{OS: "linux", Architecture: "arm64"}}, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		return digestOf(t, built.index)
	}
	first := digest(`"hello"`)
	if second := digest(`"hello"`); second != first {
		t.Errorf("got %s and %s", first, second)
	}
	if other := digest(`"hullo"`); other == first {
		t.Error("other sources have the same digest")
	}
}

func TestAnImageIsSavedToALayout(t *testing.T) {
	o := hello(newModule(t, `"hello"`), "r.example")
	o.push, o.layout, o.platforms = false, t.TempDir(), "linux/arm64"
	if err := run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	index, err := layout.ImageIndexFromPath(o.layout)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	// The image, its contents and its provenance.
	if len(manifest.Manifests) != 3 || manifest.Manifests[0].Annotations["org.opencontainers.image.ref.name"] != "r.example/hello:1.2.3" {
		t.Errorf("got %+v", manifest.Manifests)
	}
}

func TestProblemsAreReported(t *testing.T) {
	broken := hello(newModule(t, `undefined`), "r.example")
	platform := hello(newModule(t, `"hello"`), "r.example")
	platform.platforms = "linux/amd64,linux/mips"
	twice := hello(newModule(t, `"hello"`), "r.example")
	twice.platforms = "linux/amd64,linux/amd64"
	for _, each := range []struct {
		o    options
		want string
	}{
		{broken, "undefined: undefined"},
		{platform, `"linux/mips": must be one of`},
		{twice, `"linux/amd64": must be one of`},
		{options{platforms: "linux/amd64"}, "must not be empty"},
	} {
		each.o.push = false
		if err := run(t.Context(), each.o); err == nil || !strings.Contains(err.Error(), each.want) {
			t.Errorf("got %v, want %s", err, each.want)
		}
	}
}
