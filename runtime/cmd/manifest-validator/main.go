// Command manifest-validator validates manifests as a Kubernetes API server does when they are created, without a cluster.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	utilversion "k8s.io/apimachinery/pkg/util/version"
	"k8s.io/component-base/version"
	"k8s.io/klog/v2"

	"github.com/skerry-dev/skerry/runtime/pkg/verdict"
)

// protocol is the version of the input and output formats, which README.md describes.
const protocol = 1

// line is one object of the input.
type line struct {
	Object verdict.Object `json:"object"`
	// Context objects are not validated. CustomResourceDefinitions among them define kinds.
	Context bool `json:"context"`
}

// header is the first line of the output.
type header struct {
	Protocol int `json:"protocol"`
	// Kubernetes is the release whose code validates.
	Kubernetes string `json:"kubernetes"`
	// Emulated is the minor version that the code emulates.
	Emulated string `json:"emulated"`
}

// unsupportedVersion is the exit code for a Kubernetes version that cannot be emulated.
const unsupportedVersion = 3

func main() {
	minor := flag.String("kubernetes-version", "", "minor version to emulate, such as 1.35 (default: the version of this program)")
	printVersion := flag.Bool("version", false, "print the version and the supported Kubernetes versions, and exit")
	flag.Parse()
	if *printVersion {
		fmt.Printf("manifest-validator protocol %d, Kubernetes %s, emulates %s\n",
			protocol, version.Get().GitVersion, verdict.Emulates())
		return
	}
	// Discard the logs of the API server's code.
	klog.SetLogger(klog.Logger{})
	if err := run(*minor, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		if errors.Is(err, verdict.ErrVersion) {
			os.Exit(unsupportedVersion)
		}
		os.Exit(1)
	}
}

func run(minor string, in io.Reader, out io.Writer) error {
	// Read all input first, so that the writer never meets a closed pipe.
	lines, err := read(in)
	if err != nil {
		return err
	}
	release, err := utilversion.ParseGeneric(version.Get().GitVersion)
	if err != nil {
		return err
	}
	emulated := utilversion.MajorMinor(release.Major(), release.Minor())
	if minor != "" {
		if emulated, err = utilversion.ParseMajorMinor(minor); err != nil {
			return fmt.Errorf("--kubernetes-version: %w", err)
		}
		if err := verdict.Emulate(emulated); err != nil {
			return fmt.Errorf("--kubernetes-version: %w", err)
		}
	}
	server, err := verdict.New()
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(out)
	write := json.NewEncoder(buffered)
	write.SetEscapeHTML(false)
	if err := write.Encode(header{Protocol: protocol, Kubernetes: release.String(), Emulated: emulated.String()}); err != nil {
		return err
	}
	for _, each := range validate(server, lines) {
		if err := write.Encode(each); err != nil {
			return err
		}
	}
	return buffered.Flush()
}

func read(in io.Reader) ([]line, error) {
	decoder := json.NewDecoder(bufio.NewReaderSize(in, 1<<16))
	var lines []line
	for {
		var next line
		if err := decoder.Decode(&next); err == io.EOF {
			return lines, nil
		} else if err != nil {
			return nil, fmt.Errorf("object %d of the input: %w", len(lines)+1, err)
		}
		lines = append(lines, next)
	}
}

// validate returns the verdicts on all lines except for the context, in order. Definitions are served before other objects
// are validated, wherever they are in the input.
func validate(server *verdict.Server, lines []line) []verdict.Verdict {
	defined := make(map[int]verdict.Verdict)
	for index, each := range lines {
		if each.Object.IsDefinition() {
			defined[index] = server.Define(each.Object)
		}
	}
	verdicts := make([]verdict.Verdict, 0, len(lines))
	for index, each := range lines {
		if each.Context {
			continue
		}
		result, isDefinition := defined[index]
		if !isDefinition {
			result = server.Validate(each.Object)
		}
		verdicts = append(verdicts, result)
	}
	return verdicts
}
