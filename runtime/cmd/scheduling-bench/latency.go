package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/skerry-dev/skerry/runtime/internal/bench/latency"
	"github.com/skerry-dev/skerry/runtime/internal/lab/traces"
)

// Latency is the result of one simulated run. Mean, P95 and P99 are in seconds.
type Latency struct {
	Kind    latency.Kind    `json:"kind"`
	Policy  latency.Policy  `json:"policy"`
	Pattern latency.Pattern `json:"pattern"`
	Load    float64         `json:"load"`
	Delay   float64         `json:"delay"`
	Seed    uint64          `json:"seed"`
	Mean    float64         `json:"mean"`
	P95     float64         `json:"p95"`
	P99     float64         `json:"p99"`
	Count   int             `json:"count"`
}

// simulateLatency simulates every combination of the values in its flags, and prints one result per line in a fixed order.
func simulateLatency(ctx context.Context, args []string, print func(any)) error {
	flags := flag.NewFlagSet("latency", flag.ContinueOnError)
	folder := flags.String("traces", "", "`folder` with recordings of machines' load; generates series with the same statistics if empty")
	seeds := flags.Uint64("seeds", 20, "number of runs of each combination, with seeds from 1")
	loads := flags.String("loads", "0.5,0.7,0.85,0.95", "arriving work as fractions of the capacity")
	delays := flags.String("delays", "0,30,120,frozen", "delays of samples in seconds; frozen: no samples after the first")
	kinds := flags.String("kinds", "jobs,services", "kinds of work")
	patterns := flags.String("patterns", "poisson,bursts,recorded", "patterns of arrivals")
	policies := flags.String("policies", "", "policies; all if empty")
	if err := flags.Parse(args); err != nil {
		return err
	}
	library, err := traces.Open(*folder)
	if err != nil {
		return err
	}
	background, requests := library.Values()
	policyNames := *policies
	if policyNames == "" {
		policyNames = strings.Join(toStrings(latency.Policies), ",")
	}
	loadValues, err := parseList("loads", *loads, func(text string) (float64, bool) {
		load, err := strconv.ParseFloat(text, 64)
		return load, err == nil && load > 0 && load < 1
	}, "numbers above 0 and below 1")
	delayValues, bad := parseList("delays", *delays, func(text string) (float64, bool) {
		if text == "frozen" {
			return latency.Frozen, true
		}
		delay, err := strconv.ParseFloat(text, 64)
		return delay, err == nil && delay >= 0 && delay < 1e6
	}, "seconds or frozen")
	err = errors.Join(err, bad)
	kindValues, bad := parseNames("kinds", *kinds, []latency.Kind{latency.Jobs, latency.Services})
	err = errors.Join(err, bad)
	patternValues, bad := parseNames("patterns", *patterns, latency.Patterns)
	err = errors.Join(err, bad)
	policyValues, bad := parseNames("policies", policyNames, latency.Policies)
	if err = errors.Join(err, bad); err != nil {
		return err
	}
	scenarios := []latency.Scenario{{Background: background, Requests: requests}}
	scenarios = cross(scenarios, kindValues, func(s *latency.Scenario, kind latency.Kind) { s.Kind = kind })
	scenarios = cross(scenarios, patternValues, func(s *latency.Scenario, pattern latency.Pattern) { s.Pattern = pattern })
	scenarios = cross(scenarios, loadValues, func(s *latency.Scenario, load float64) { s.Load = load })
	scenarios = cross(scenarios, delayValues, func(s *latency.Scenario, delay float64) { s.Delay = delay })
	scenarios = cross(scenarios, policyValues, func(s *latency.Scenario, policy latency.Policy) { s.Policy = policy })
	seedValues := make([]uint64, *seeds)
	for i := range seedValues {
		seedValues[i] = uint64(i) + 1
	}
	scenarios = cross(scenarios, seedValues, func(s *latency.Scenario, seed uint64) { s.Seed = seed })
	return runInOrder(len(scenarios), func(i int) (any, error) {
		s := scenarios[i]
		result, err := latency.Run(ctx, s)
		return Latency{
			Kind: s.Kind, Policy: s.Policy, Pattern: s.Pattern, Load: s.Load, Delay: s.Delay, Seed: s.Seed,
			Mean: result.Mean, P95: result.P95, P99: result.P99, Count: result.Count,
		}, err
	}, print)
}

// parseList parses a comma-separated list.
func parseList[T any](flag, list string, read func(string) (T, bool), allowed string) ([]T, error) {
	var values []T
	for text := range strings.SplitSeq(list, ",") {
		value, ok := read(text)
		if !ok {
			return nil, fmt.Errorf("--%s: must list %s, got %q", flag, allowed, text)
		}
		values = append(values, value)
	}
	return values, nil
}

// parseNames parses a comma-separated list of allowed names.
func parseNames[T ~string](flag, list string, allowed []T) ([]T, error) {
	return parseList(flag, list, func(text string) (T, bool) { return T(text), slices.Contains(allowed, T(text)) },
		strings.Join(toStrings(allowed), ", "))
}

func toStrings[T ~string](values []T) []string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return texts
}

// cross returns a copy of each scenario for each value.
func cross[T any](scenarios []latency.Scenario, values []T, set func(*latency.Scenario, T)) []latency.Scenario {
	var all []latency.Scenario
	for _, s := range scenarios {
		for _, value := range values {
			set(&s, value)
			all = append(all, s)
		}
	}
	return all
}

// runInOrder runs work on all CPUs, and prints the results in the order of their indexes.
func runInOrder(count int, work func(i int) (any, error), print func(any)) error {
	type outcome struct {
		value any
		err   error
	}
	outcomes := make([]chan outcome, count)
	for i := range outcomes {
		outcomes[i] = make(chan outcome, 1)
	}
	indexes := make(chan int)
	var workers sync.WaitGroup
	for range runtime.NumCPU() {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for i := range indexes {
				value, err := work(i)
				outcomes[i] <- outcome{value, err}
			}
		}()
	}
	go func() {
		for i := range count {
			indexes <- i
		}
		close(indexes)
	}()
	var failed error
	for _, outcome := range outcomes {
		o := <-outcome
		if o.err != nil && failed == nil {
			failed = o.err
		}
		if failed == nil {
			print(o.value)
		}
	}
	workers.Wait()
	return failed
}
