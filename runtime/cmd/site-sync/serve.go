package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/skerry-dev/skerry/runtime/internal/brokerflags"
	"github.com/skerry-dev/skerry/runtime/internal/monitoring"
	"github.com/skerry-dev/skerry/runtime/pkg/sitestate"
	"github.com/skerry-dev/skerry/runtime/pkg/sitesync"
)

// serveOptions are the values of the flags of run.
type serveOptions struct {
	site, path, httpAddress              string
	httpState                            bool
	compareInterval, maxAhead, retention time.Duration
}

func (o serveOptions) check() error {
	var problems []error
	problem := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if o.site == "" {
		problem("--site: is required")
	} else if err := sitestate.CheckSite(o.site); err != nil {
		problem("--site: %w", err)
	}
	if o.path == "" {
		problem("--database: is required")
	}
	if o.compareInterval < time.Second || o.compareInterval > 24*time.Hour {
		problem("--compare-interval: %s: must be between 1s and 24h", o.compareInterval)
	}
	if o.maxAhead < time.Second || o.maxAhead > 24*time.Hour {
		problem("--max-ahead: %s: must be between 1s and 24h", o.maxAhead)
	}
	if o.retention < 24*time.Hour {
		problem("--retention: %s: must be at least 24h", o.retention)
	}
	return errors.Join(problems...)
}

func serve(c *command) error {
	var options serveOptions
	c.flags.StringVar(&options.site, "site", "", "`name` of this site, or "+sitestate.Hub+" (required)")
	c.flags.StringVar(&options.path, "database", "", "`path` of the database; it is created if it is missing (required)")
	c.flags.StringVar(&options.httpAddress, "http-address", "127.0.0.1:8652", "`address` of /state, /conflicts, /healthz, /readyz and /metrics; empty disables them")
	c.flags.BoolVar(&options.httpState, "http-state", true, "serve /state and /conflicts, which everyone who reaches --http-address can read")
	c.flags.DurationVar(&options.compareInterval, "compare-interval", time.Minute, "time between two comparisons of a site with the cloud")
	c.flags.DurationVar(&options.maxAhead, "max-ahead", 5*time.Minute, "how far a write may be ahead of the cloud's clock (cloud only)")
	c.flags.DurationVar(&options.retention, "retention", 90*24*time.Hour, "how long deletions are remembered (cloud only)")
	cloud := brokerflags.Register(c.flags, "site-sync")
	local := brokerflags.RegisterWith(c.flags, "site-", "site-sync")
	if _, err := c.parse(0, 0); err != nil {
		return err
	}
	problems := []error{options.check(), cloud.Check()}
	if local.IsSet() {
		problems = append(problems, local.Check())
		if options.site == sitestate.Hub {
			problems = append(problems, errors.New("--site-broker: must not be set in the cloud"))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("%w:\n%w", errUsage, err)
	}
	database, err := sitestate.Open(c.ctx, sitestate.Options{
		Path: options.path, Site: options.site, MaxAhead: options.maxAhead, Retention: options.retention,
	})
	if err != nil {
		return err
	}
	defer func() { _ = database.Close() }()
	logger := slog.New(slog.NewJSONHandler(c.stderr, nil))
	exchange := &sitesync.Exchange{Database: database, CompareInterval: options.compareInterval}
	exchange.Connect, exchange.Logger = cloud.Connect, logger.With("broker", "cloud")
	connections := map[string]*sitesync.Connection{"cloud": &exchange.Connection}
	runs := []func(context.Context) error{exchange.Run}
	if local.IsSet() {
		agents := &sitesync.Agents{Database: database}
		agents.Connect, agents.Logger = local.Connect, logger.With("broker", "site")
		connections["site"] = &agents.Connection
		runs = append(runs, agents.Run)
	}
	if options.httpAddress != "" {
		registry := prometheus.NewRegistry()
		registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), newCollector(database, connections))
		mux := monitoring.Handler(registry, func() error { return problemOf(connections) })
		if options.httpState {
			handleState(mux, database)
		}
		if err := monitoring.Serve(c.ctx, options.httpAddress, mux); err != nil {
			return fmt.Errorf("--http-address: %w", err)
		}
	}
	return runAll(c.ctx, runs)
}

// runAll runs functions until all have returned. If one fails, the others end.
func runAll(ctx context.Context, runs []func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var group sync.WaitGroup
	errs := make([]error, len(runs))
	for index, run := range runs {
		group.Go(func() {
			if errs[index] = run(ctx); errs[index] != nil {
				cancel(errs[index])
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// problemOf returns the problems of connections that do not work.
func problemOf(connections map[string]*sitesync.Connection) error {
	var problems []error
	for _, name := range []string{"cloud", "site"} {
		if connection := connections[name]; connection != nil {
			if err := connection.Problem(); err != nil {
				problems = append(problems, fmt.Errorf("broker of the %s: %w", name, err))
			}
		}
	}
	return errors.Join(problems...)
}
