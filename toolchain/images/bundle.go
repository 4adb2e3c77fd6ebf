package main

import (
	"context"
	"fmt"
	"os"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// bundle is an image for several platforms, and what refers to it.
type bundle struct {
	index v1.ImageIndex
	// referrers are the lists of the contents, one for each platform, and the provenance.
	referrers []v1.Image
	platforms []builtPlatform
}

type builtPlatform struct {
	Platform string `json:"platform"`
	Digest   string `json:"digest"`
	// Bytes is the compressed size.
	Bytes int64 `json:"bytes"`
}

// build compiles a program for each platform and packs the results.
func build(ctx context.Context, from program, version, reference string, platforms []v1.Platform, report func(string)) (*bundle, error) {
	folder, err := os.MkdirTemp("", "skerry-images-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	built := &bundle{index: mutate.IndexMediaType(empty.Index, types.OCIImageIndex)}
	labels := map[string]string{
		"org.opencontainers.image.title":    from.Name,
		"org.opencontainers.image.version":  version,
		"org.opencontainers.image.licenses": "Apache-2.0",
	}
	for _, platform := range platforms {
		report(fmt.Sprintf("compiling %s for %s", from.Name, platform))
		compiled, err := from.compile(ctx, platform, folder)
		if err != nil {
			return nil, err
		}
		image, err := newImage(from.Name, compiled, platform, labels)
		if err != nil {
			return nil, err
		}
		list, err := bom(from.Name, version, compiled, platform)
		if err != nil {
			return nil, err
		}
		if err := built.add(image, platform, list); err != nil {
			return nil, err
		}
	}
	built.index = mutate.Annotations(built.index, labels).(v1.ImageIndex)
	digest, err := built.index.Digest()
	if err != nil {
		return nil, err
	}
	statement, err := provenance(reference, digest, from, version, platforms)
	if err != nil {
		return nil, err
	}
	return built, built.refer(built.index, inTotoMediaType, statement)
}

func (b *bundle) add(image v1.Image, platform v1.Platform, list []byte) error {
	b.index = mutate.AppendManifests(b.index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &platform}})
	digest, err := image.Digest()
	if err != nil {
		return err
	}
	layers, err := image.Layers()
	if err != nil {
		return err
	}
	size, err := layers[0].Size()
	if err != nil {
		return err
	}
	b.platforms = append(b.platforms, builtPlatform{Platform: platform.String(), Digest: digest.String(), Bytes: size})
	return b.refer(image, spdxMediaType, list)
}

// refer adds a document about an image or an index, as an artifact that refers to it (OCI 1.1).
func (b *bundle) refer(subject partial.Describable, mediaType types.MediaType, document []byte) error {
	descriptor, err := partial.Descriptor(subject)
	if err != nil {
		return err
	}
	artifact := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), mediaType)
	artifact, err = mutate.AppendLayers(artifact, static.NewLayer(document, mediaType))
	if err != nil {
		return err
	}
	b.referrers = append(b.referrers, mutate.Subject(artifact, *descriptor).(v1.Image))
	return nil
}
