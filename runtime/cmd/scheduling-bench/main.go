// Command scheduling-bench compares the edge scheduler's plugins with other policies. It prints one JSON object per line. The
// programs in bench/scheduling run it and record the results.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/pprof"

	"k8s.io/klog/v2"
)

var commands = map[string]func(ctx context.Context, args []string, print func(any)) error{
	"throughput": measureThroughput,
	"latency":    simulateLatency,
	"herding":    simulateHerding,
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: scheduling-bench throughput|latency|herding [flags]; run with -h for the flags")
		os.Exit(2)
	}
	quiet := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(quiet)
	_ = quiet.Set("logtostderr", "false")
	klog.SetOutput(io.Discard)
	// Write a CPU profile for go tool pprof.
	if file := os.Getenv("CPUPROFILE"); file != "" {
		out, err := os.Create(file)
		if err == nil {
			err = pprof.StartCPUProfile(out)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "error:", err)
			os.Exit(1)
		}
		defer pprof.StopCPUProfile()
	}
	encoder := json.NewEncoder(os.Stdout)
	print := func(value any) { _ = encoder.Encode(value) }
	err := commands[os.Args[1]](context.Background(), os.Args[2:], print)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "error:", err)
		pprof.StopCPUProfile()
		os.Exit(1)
	}
}
