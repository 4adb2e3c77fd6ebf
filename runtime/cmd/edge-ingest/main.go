// Command edge-ingest stores the messages of edge agents in a database and acknowledges them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/skerry-dev/skerry/runtime/internal/brokerflags"
	"github.com/skerry-dev/skerry/runtime/internal/monitoring"
	"github.com/skerry-dev/skerry/runtime/pkg/ingest"
)

const usage = `edge-ingest stores the messages of edge agents in a database, each once, and acknowledges them.

  edge-ingest --broker URL --database LOCATION [flags]    stores messages until it is terminated
  edge-ingest status --database LOCATION [--json]         prints what the database has of each node

Flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		fmt.Fprintf(os.Stderr, "error: %v\nRun edge-ingest --help.\n", err)
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// errUsage is an error in the arguments.
var errUsage = errors.New("invalid arguments")

func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) error {
	if len(arguments) > 0 && arguments[0] == "status" {
		return printStatus(ctx, arguments[1:], stdout)
	}
	return serve(ctx, arguments, stdout, stderr)
}

// parse parses flags strictly. Help goes to standard output.
func parse(flags *flag.FlagSet, arguments []string, stdout io.Writer) error {
	flags.SetOutput(io.Discard)
	err := flags.Parse(arguments)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return err
	case err != nil:
		return fmt.Errorf("%w: %w", errUsage, err)
	case flags.NArg() > 0:
		return fmt.Errorf("%w: unknown argument %q", errUsage, flags.Arg(0))
	}
	return nil
}

// databaseFlags are the flags that name a database.
type databaseFlags struct{ location, passwordFile string }

func (d *databaseFlags) register(flags *flag.FlagSet) {
	flags.StringVar(&d.location, "database", "", "`location`: sqlite:PATH or postgres://USER@HOST[:PORT]/DATABASE (required)")
	flags.StringVar(&d.passwordFile, "database-password-file", "", "`file` with the password of the user of PostgreSQL")
}

func (d *databaseFlags) open() (ingest.Store, error) {
	if d.location == "" {
		return nil, errors.New("--database: is required")
	}
	store, err := ingest.OpenStore(d.location, d.passwordFile)
	if err != nil {
		return nil, fmt.Errorf("--database: %w", err)
	}
	return store, nil
}

// serveOptions are the values of the flags of serve.
type serveOptions struct {
	httpAddress, group string
	batchSize          int
	batchDelay         time.Duration
}

func (o serveOptions) check() error {
	var problems []error
	if o.group == "" || strings.ContainsAny(o.group, "/+#") {
		problems = append(problems, fmt.Errorf("--share-group: %q: must have no /, + or # and must not be empty", o.group))
	}
	if o.batchSize < 1 || o.batchSize > 10_000 {
		problems = append(problems, fmt.Errorf("--batch-size: %d: must be between 1 and 10000", o.batchSize))
	}
	if o.batchDelay < 0 || o.batchDelay > 5*time.Second {
		problems = append(problems, fmt.Errorf("--batch-delay: %s: must be between 0s and 5s", o.batchDelay))
	}
	return errors.Join(problems...)
}

func serve(ctx context.Context, arguments []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("edge-ingest", flag.ContinueOnError)
	var database databaseFlags
	database.register(flags)
	broker := brokerflags.Register(flags, "edge-ingest")
	var options serveOptions
	flags.StringVar(&options.httpAddress, "http-address", ":8651", "`address` of /healthz, /readyz and /metrics; empty disables them")
	flags.StringVar(&options.group, "share-group", "ingest", "`name` of the shared subscription; instances with the same name share the messages")
	flags.IntVar(&options.batchSize, "batch-size", 1000, "messages that are stored in one transaction at most")
	flags.DurationVar(&options.batchDelay, "batch-delay", 5*time.Millisecond, "time that the first message of a batch waits for others")
	if err := parse(flags, arguments, stdout); err != nil {
		return err
	}
	store, databaseErr := database.open()
	if err := errors.Join(broker.Check(), databaseErr, options.check()); err != nil {
		return fmt.Errorf("%w:\n%w", errUsage, err)
	}
	defer store.Close()
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	ingester := ingest.New(ingest.Options{
		Store: store, Connect: broker.Connect, Group: options.group, BatchSize: options.batchSize, BatchDelay: options.batchDelay,
		Registry: registry, Logger: slog.New(slog.NewJSONHandler(stderr, nil)),
	})
	if options.httpAddress != "" {
		if err := monitoring.Serve(ctx, options.httpAddress, monitoring.Handler(registry, ingester.Problem)); err != nil {
			return fmt.Errorf("--http-address: %w", err)
		}
	}
	return ingester.Run(ctx)
}
