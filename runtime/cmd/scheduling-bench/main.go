// Command scheduling-bench measures the edge scheduler's plugins against what else there is. It prints JSON, a line a
// figure; the commands in bench/scheduling run it and keep what it found.
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
	"throughput": throughput,
	"latency":    simulateLatency,
	"herding":    herding,
	"simulator":  simulator,
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: scheduling-bench throughput|latency|herding|simulator [flags]; -h after it lists them")
		os.Exit(2)
	}
	quiet := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(quiet)
	_ = quiet.Set("logtostderr", "false")
	klog.SetOutput(io.Discard)
	// Where a run spends its time: go tool pprof reads the file.
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
