// Command images builds OCI images of Go programs for several platforms, without a container engine.
//
// Equal sources and equal versions of Go give equal digests. Each image has a list of its contents (SPDX) and the index has
// its provenance (SLSA), as artifacts that refer to them.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/google/go-containerregistry/pkg/name"
)

// result describes a built image on standard output.
type result struct {
	Name       string          `json:"name"`
	Reference  string          `json:"reference"`
	Digest     string          `json:"digest"`
	Pushed     bool            `json:"pushed"`
	Platforms  []builtPlatform `json:"platforms"`
	Provenance string          `json:"provenance"`
}

type options struct {
	program
	version, repository, platforms, layout string
	push                                   bool
}

func main() {
	var o options
	flag.StringVar(&o.Name, "name", "", "`name` of the image, and of the program in it")
	flag.StringVar(&o.Module, "module", ".", "`folder` of the Go module")
	flag.StringVar(&o.Package, "package", ".", "`package` to compile")
	flag.StringVar(&o.Tags, "tags", "", "build `tags`")
	flag.StringVar(&o.LDFlags, "ldflags", "", "linker `flags`")
	flag.StringVar(&o.version, "version", "", "`version`, which is the tag of the image")
	flag.StringVar(&o.repository, "repository", "", "registry and `path` of the image, without its name: registry.example/skerry")
	flag.StringVar(&o.platforms, "platform", "linux/amd64,linux/arm64,linux/arm/v7", "`platforms`, separated by commas")
	flag.StringVar(&o.layout, "layout", "", "`folder` to which the image is added in the layout of OCI")
	flag.BoolVar(&o.push, "push", false, "push the image to the repository")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "error: "+err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	platforms, err := parsePlatforms(o.platforms)
	if err != nil {
		return err
	}
	if o.Name == "" || o.version == "" || o.repository == "" {
		return errors.New("--name, --version and --repository: must not be empty")
	}
	reference, err := name.NewTag(o.repository + "/" + o.Name + ":" + o.version)
	if err != nil {
		return err
	}
	report := func(message string) { _, _ = fmt.Fprintln(os.Stderr, message) }
	built, err := build(ctx, o.program, o.version, reference.String(), platforms, report)
	if err != nil {
		return err
	}
	if o.layout != "" {
		if err := built.save(o.layout, reference.String()); err != nil {
			return err
		}
	}
	if o.push {
		report("pushing " + reference.String())
		if err := built.push(ctx, reference); err != nil {
			return err
		}
	}
	described, err := built.describe(o.Name, reference.String(), o.push)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(described)
}

func (b *bundle) describe(image, reference string, pushed bool) (*result, error) {
	digest, err := b.index.Digest()
	if err != nil {
		return nil, err
	}
	provenance, err := b.referrers[len(b.referrers)-1].Digest()
	if err != nil {
		return nil, err
	}
	return &result{
		Name: image, Reference: reference, Digest: digest.String(), Pushed: pushed, Platforms: b.platforms,
		Provenance: provenance.String(),
	}, nil
}
