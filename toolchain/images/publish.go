package main

import (
	"context"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// push writes a bundle to a registry, with the credentials of the container tools of this machine. The referrers come first, so that
// an image is never without them.
func (b *bundle) push(ctx context.Context, reference name.Tag) error {
	options := []remote.Option{remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain)}
	for _, each := range b.referrers {
		digest, err := each.Digest()
		if err != nil {
			return err
		}
		if err := remote.Write(reference.Digest(digest.String()), each, options...); err != nil {
			return err
		}
	}
	return remote.WriteIndex(reference, b.index, options...)
}

// save writes a bundle to a folder in the layout of OCI.
func (b *bundle) save(folder, reference string) error {
	path, err := layout.FromPath(folder)
	if err != nil {
		if path, err = layout.Write(folder, empty.Index); err != nil {
			return err
		}
	}
	named := layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": reference})
	if err := path.AppendIndex(b.index, named); err != nil {
		return err
	}
	for _, each := range b.referrers {
		if err := path.AppendImage(each); err != nil {
			return err
		}
	}
	return nil
}
