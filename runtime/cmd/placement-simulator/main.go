// Command placement-simulator says on which nodes the pods of a cluster run, before and after a change, without a cluster.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"runtime/pprof"

	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/component-base/version"
	"k8s.io/klog/v2"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation/placement"
)

// collectionPercent lets the heap grow to three times what is in use before it is collected, unless GOGC is set. Most of the
// heap is the fleet, which stays until the end.
const collectionPercent = 200

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectionPercent)
	}
	flags := flag.NewFlagSet("placement-simulator", flag.ExitOnError)
	printVersion := flags.Bool("version", false, "print the versions of the format and of Kubernetes, and exit")
	profile := flags.String("cpu-profile", "", "write a CPU profile to this `file`")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: placement-simulator [flags] [request.json]\n\nReads a SimulationRequest from the file, or from standard input, and prints a SimulationReport.")
		flags.PrintDefaults()
	}
	_ = flags.Parse(os.Args[1:])
	if *printVersion {
		fmt.Printf("placement-simulator %s, Kubernetes %s\n", simulationv1.APIVersion, version.Get().GitVersion)
		return
	}
	// The report says what the scheduler's logs would.
	klog.SetLogger(klog.Logger{})
	utilruntime.ErrorHandlers = nil
	err := profiled(*profile, func() error { return run(flags.Args(), os.Stdin, os.Stdout) })
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	if len(args) > 1 {
		return fmt.Errorf("must have at most one file as an argument, got %d", len(args))
	}
	if len(args) == 1 {
		file, err := os.Open(args[0])
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	request, err := simulationv1.Decode(text)
	if err != nil {
		return err
	}
	report, err := placement.Simulate(context.Background(), request)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(out)
	return errors.Join(simulationv1.Write(buffered, report), buffered.Flush())
}

func profiled(file string, run func() error) error {
	if file == "" {
		return run()
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return run()
}
