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

	"github.com/skerry-dev/skerry/runtime/internal/lab/traces"
	"github.com/skerry-dev/skerry/runtime/internal/bench/latency"
)

// Latency of one simulated run.
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

// simulateLatency runs every combination of what its flags list, and prints a line each, in order.
func simulateLatency(ctx context.Context, args []string, print func(any)) error {
	flags := flag.NewFlagSet("latency", flag.ContinueOnError)
	folder := flags.String("traces", "", "`folder` with recordings of machines' load; none makes series up with the same statistics")
	seeds := flags.Uint64("seeds", 20, "how many runs of each, with seeds from 1")
	loads := flags.String("loads", "0.5,0.7,0.85,0.95", "work that arrives over what the nodes can do")
	delays := flags.String("delays", "0,30,120,frozen", "seconds until a sample is known; frozen: only the first is")
	kinds := flags.String("kinds", "jobs,services", "kinds of work")
	patterns := flags.String("patterns", "poisson,bursts,recorded", "how arrivals come")
	policies := flags.String("policies", "", "policies; all by default")
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
		policyNames = strings.Join(names(latency.Policies), ",")
	}
	loadsOf, err := each("loads", *loads, func(text string) (float64, bool) {
		load, err := strconv.ParseFloat(text, 64)
		return load, err == nil && load > 0 && load < 1
	}, "numbers above 0 and below 1")
	delaysOf, bad := each("delays", *delays, func(text string) (float64, bool) {
		if text == "frozen" {
			return latency.Frozen, true
		}
		delay, err := strconv.ParseFloat(text, 64)
		return delay, err == nil && delay >= 0 && delay < 1e6
	}, "seconds or frozen")
	err = errors.Join(err, bad)
	kindsOf, bad := oneOf("kinds", *kinds, []latency.Kind{latency.Jobs, latency.Services})
	err = errors.Join(err, bad)
	patternsOf, bad := oneOf("patterns", *patterns, latency.Patterns)
	err = errors.Join(err, bad)
	policiesOf, bad := oneOf("policies", policyNames, latency.Policies)
	if err = errors.Join(err, bad); err != nil {
		return err
	}
	scenarios := []latency.Scenario{{Background: background, Requests: requests}}
	scenarios = times(scenarios, kindsOf, func(s *latency.Scenario, kind latency.Kind) { s.Kind = kind })
	scenarios = times(scenarios, patternsOf, func(s *latency.Scenario, pattern latency.Pattern) { s.Pattern = pattern })
	scenarios = times(scenarios, loadsOf, func(s *latency.Scenario, load float64) { s.Load = load })
	scenarios = times(scenarios, delaysOf, func(s *latency.Scenario, delay float64) { s.Delay = delay })
	scenarios = times(scenarios, policiesOf, func(s *latency.Scenario, policy latency.Policy) { s.Policy = policy })
	numbers := make([]uint64, *seeds)
	for i := range numbers {
		numbers[i] = uint64(i) + 1
	}
	scenarios = times(scenarios, numbers, func(s *latency.Scenario, seed uint64) { s.Seed = seed })
	return inOrder(len(scenarios), func(i int) (any, error) {
		s := scenarios[i]
		result, err := latency.Run(ctx, s)
		return Latency{
			Kind: s.Kind, Policy: s.Policy, Pattern: s.Pattern, Load: s.Load, Delay: s.Delay, Seed: s.Seed,
			Mean: result.Mean, P95: result.P95, P99: result.P99, Count: result.Count,
		}, err
	}, print)
}

// each value of a list with commas.
func each[T any](flag, list string, read func(string) (T, bool), allowed string) ([]T, error) {
	var values []T
	for text := range strings.SplitSeq(list, ",") {
		value, ok := read(text)
		if !ok {
			return nil, fmt.Errorf("%s: got %q, allowed %s", flag, text, allowed)
		}
		values = append(values, value)
	}
	return values, nil
}

// oneOf reads a list of names, all of which must be known.
func oneOf[T ~string](flag, list string, known []T) ([]T, error) {
	return each(flag, list, func(text string) (T, bool) { return T(text), slices.Contains(known, T(text)) },
		strings.Join(names(known), ", "))
}

func names[T ~string](values []T) []string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return texts
}

// times makes, of each scenario, one with each value.
func times[T any](scenarios []latency.Scenario, values []T, set func(*latency.Scenario, T)) []latency.Scenario {
	var all []latency.Scenario
	for _, s := range scenarios {
		for _, value := range values {
			set(&s, value)
			all = append(all, s)
		}
	}
	return all
}

// inOrder works on all processors and prints what comes out in the order of the numbers.
func inOrder(count int, work func(i int) (any, error), print func(any)) error {
	type outcome struct {
		value any
		err   error
	}
	outcomes := make([]chan outcome, count)
	for i := range outcomes {
		outcomes[i] = make(chan outcome, 1)
	}
	numbers := make(chan int)
	var workers sync.WaitGroup
	for range runtime.NumCPU() {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for i := range numbers {
				value, err := work(i)
				outcomes[i] <- outcome{value, err}
			}
		}()
	}
	go func() {
		for i := range count {
			numbers <- i
		}
		close(numbers)
	}()
	var failed error
	for _, each := range outcomes {
		o := <-each
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
