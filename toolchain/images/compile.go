package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// program is what an image is built from.
type program struct {
	// Name is the name of the image and of the program in it.
	Name string
	// Module is the folder of the Go module, and Package the package in it.
	Module, Package string
	Tags, LDFlags   string
}

// compile compiles the program for a platform, without paths of this machine and without a build ID, so that equal
// sources give equal bytes.
func (p program) compile(ctx context.Context, platform v1.Platform, folder string) (string, error) {
	target := filepath.Join(folder, p.Name+"-"+strings.ReplaceAll(platform.String(), "/", "-"))
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags", p.Tags,
		"-ldflags", strings.TrimSpace("-s -w -buildid= "+p.LDFlags), "-o", target, p.Package)
	command.Dir = p.Module
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-mod=readonly",
		"GOOS="+platform.OS, "GOARCH="+platform.Architecture)
	if platform.Architecture == "arm" {
		command.Env = append(command.Env, "GOARM="+strings.TrimPrefix(platform.Variant, "v"))
	}
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build of %s for %s: %w\n%s", p.Name, platform, err, output)
	}
	return target, nil
}

// parsePlatforms parses a list such as linux/amd64,linux/arm/v7.
func parsePlatforms(list string) ([]v1.Platform, error) {
	allowed := map[string]bool{"linux/amd64": true, "linux/arm64": true, "linux/arm/v7": true}
	var platforms []v1.Platform
	for _, each := range strings.Split(list, ",") {
		if !allowed[each] {
			return nil, fmt.Errorf("--platform: %q: must be one of linux/amd64, linux/arm64, linux/arm/v7", each)
		}
		delete(allowed, each)
		platform, err := v1.ParsePlatform(each)
		if err != nil {
			return nil, err
		}
		platforms = append(platforms, *platform)
	}
	return platforms, nil
}
