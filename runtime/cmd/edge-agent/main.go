// Command edge-agent reads sensors, relays the messages of local devices, and sends both to the cloud.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/config"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/desired"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/strict"
)

const usage = `Usage:
  edge-agent --config FILE [--http-address HOST:PORT]   run the agent
  edge-agent check --config FILE [--desired FILE]       check a configuration

Flags:
`

// heapGrowth in percent: the heap is so small that collecting it often costs less than letting it grow.
const heapGrowth = 25

func main() {
	if err := run(os.Args[1:]); errors.Is(err, flag.ErrHelp) {
		os.Exit(0)
	} else if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	checking := len(arguments) > 0 && arguments[0] == "check"
	if checking {
		arguments = arguments[1:]
	}
	flags := flag.NewFlagSet("edge-agent", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	file := flags.String("config", "", "`file` with the configuration, in YAML or JSON; it is read again when it changes")
	address := flags.String("http-address", "127.0.0.1:8650", "`address` of /sensor, /healthz, /readyz and /metrics; empty disables them")
	state := flags.String("desired", "", "`file` with a desired state, to check it together with the configuration")
	if err := flags.Parse(arguments); errors.Is(err, flag.ErrHelp) {
		fmt.Print(usage)
		flags.SetOutput(os.Stdout)
		flags.PrintDefaults()
		return err
	} else if err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("%q: unknown argument", flags.Arg(0))
	case *file == "":
		return errors.New("--config: must not be empty")
	case checking:
		return check(*file, *state)
	case *state != "":
		return errors.New("--desired: must be empty: the agent receives its desired state from the broker")
	}
	debug.SetGCPercent(heapGrowth)
	// The runtime keeps memory for each processor that it may use. One suffices: the agent waits for disks and links.
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return serve(ctx, *file, *address)
}

// check prints all problems of a configuration.
func check(file, state string) error {
	document, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var wanted []byte
	if state != "" {
		if wanted, err = os.ReadFile(state); err != nil {
			return err
		}
	}
	if _, problems := config.Parse(document, wanted); len(problems) > 0 {
		return describe(file, problems)
	}
	fmt.Println(file + ": valid")
	return nil
}

func describe(file string, problems strict.Problems) error {
	noun := "problems"
	if len(problems) == 1 {
		noun = "problem"
	}
	text := fmt.Sprintf("%d %s in %s", len(problems), noun, file)
	for _, each := range problems {
		text += "\n  " + each.String()
	}
	return errors.New(text)
}

// now is the wall clock. Tests let it step.
var now = time.Now

func serve(ctx context.Context, file, address string) error {
	logger := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	store := &desired.Store{Path: file, Logger: logger}
	agent := &edgeagent.Agent{Logger: logger, OnConfig: store.Offer, Reported: store.Reported, Changed: store.Changed, Now: now}
	store.Apply = agent.Apply
	defer agent.Close()
	if address != "" {
		if err := serveHTTP(ctx, address, agent.Handler()); err != nil {
			return err
		}
	}
	if err := store.Load(); err != nil {
		var problems strict.Problems
		if errors.As(err, &problems) {
			return describe(file, problems)
		}
		return err
	}
	logger.Info("started", "node", store.Config().Node)
	store.Run(ctx)
	logger.Info("stopping")
	return nil
}

func serveHTTP(ctx context.Context, address string, handler http.Handler) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 30 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() { _ = server.Serve(listener) }()
	return nil
}
