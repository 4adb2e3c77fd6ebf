package main

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/skerry-dev/skerry/runtime/internal/lab/traces"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation/latency"
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
	chosen := latency.Policies
	if *policies != "" {
		chosen = nil
		for name := range strings.SplitSeq(*policies, ",") {
			chosen = append(chosen, latency.Policy(name))
		}
	}
	var scenarios []latency.Scenario
	for kind := range strings.SplitSeq(*kinds, ",") {
		for pattern := range strings.SplitSeq(*patterns, ",") {
			if !slices.Contains(latency.Patterns, latency.Pattern(pattern)) {
				return fmt.Errorf("patterns: got %q, allowed %v", pattern, latency.Patterns)
			}
			for loadText := range strings.SplitSeq(*loads, ",") {
				load, err := strconv.ParseFloat(loadText, 64)
				if err != nil || !(load > 0 && load < 1) {
					return fmt.Errorf("loads: got %q, allowed numbers above 0 and below 1", loadText)
				}
				for delayText := range strings.SplitSeq(*delays, ",") {
					delay := float64(latency.Frozen)
					if delayText != "frozen" {
						if delay, err = strconv.ParseFloat(delayText, 64); err != nil || !(delay >= 0) {
							return fmt.Errorf("delays: got %q, allowed seconds or frozen", delayText)
						}
					}
					for _, policy := range chosen {
						for seed := range *seeds {
							scenarios = append(scenarios, latency.Scenario{
								Kind: latency.Kind(kind), Policy: policy, Pattern: latency.Pattern(pattern), Load: load, Delay: delay,
								Seed: seed + 1, Background: background, Requests: requests,
							})
						}
					}
				}
			}
		}
	}
	return inOrder(len(scenarios), func(i int) (any, error) {
		s := scenarios[i]
		result, err := latency.Run(ctx, s)
		return Latency{
			Kind: s.Kind, Policy: s.Policy, Pattern: s.Pattern, Load: s.Load, Delay: s.Delay, Seed: s.Seed,
			Mean: result.Mean, P95: result.P95, P99: result.P99, Count: result.Count,
		}, err
	}, print)
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
