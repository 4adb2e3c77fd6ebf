package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// nonroot is the user of the images, as in distroless images. The charts use the same.
const nonroot = 65532

// epoch is the time of everything in an image, so that equal sources give equal digests.
var epoch = v1.Time{Time: time.Unix(0, 0).UTC()}

// newImage returns an image that contains one program and nothing else: no shell, no package manager and no libraries.
func newImage(name, program string, platform v1.Platform, labels map[string]string) (v1.Image, error) {
	archive, err := packProgram(name, program)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(
		func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(archive)), nil },
		tarball.WithMediaType(types.OCILayer),
	)
	if err != nil {
		return nil, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err = mutate.Append(image, mutate.Addendum{Layer: layer, MediaType: types.OCILayer, History: v1.History{
		Author: "skerry images", CreatedBy: "skerry images " + name, Created: epoch,
	}})
	if err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Variant = platform.OS, platform.Architecture, platform.Variant
	file.Created = epoch
	file.Config = v1.Config{
		User:       fmt.Sprintf("%d:%d", nonroot, nonroot),
		Entrypoint: []string{"/" + name},
		WorkingDir: "/",
		Labels:     labels,
	}
	return mutate.ConfigFile(image, file)
}

// packProgram returns an archive with a program at its root.
func packProgram(name, program string) ([]byte, error) {
	data, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	var archive bytes.Buffer
	writer := tar.NewWriter(&archive)
	header := tar.Header{Name: name, Mode: 0o555, Size: int64(len(data)), ModTime: epoch.Time, Typeflag: tar.TypeReg}
	if err := writer.WriteHeader(&header); err != nil {
		return nil, err
	}
	if _, err := writer.Write(data); err != nil {
		return nil, err
	}
	return archive.Bytes(), writer.Close()
}
