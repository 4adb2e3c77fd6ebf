package main

import (
	"context"
	"flag"
	"slices"

	"github.com/skerry-dev/skerry/runtime/internal/bench/latency"
)

// Herding is the result of one burst.
type Herding struct {
	Policy latency.Policy `json:"policy"`
	Seed   uint64         `json:"seed"`
	// MaxOverMean is the highest load of a node over the mean load.
	MaxOverMean float64 `json:"maxOverMean"`
	// Loads are the loads of the nodes in descending order.
	Loads []float64 `json:"loads"`
}

// simulateHerding places bursts on nodes with frozen samples.
func simulateHerding(ctx context.Context, args []string, print func(any)) error {
	flags := flag.NewFlagSet("herding", flag.ContinueOnError)
	seeds := flags.Uint64("seeds", 20, "number of bursts, with seeds from 1")
	if err := flags.Parse(args); err != nil {
		return err
	}
	for _, policy := range latency.Policies {
		for seed := range *seeds {
			loads, err := latency.SimulateBurst(ctx, policy, seed+1)
			if err != nil {
				return err
			}
			slices.Sort(loads)
			slices.Reverse(loads)
			print(Herding{policy, seed + 1, latency.MaxOverMean(loads), loads})
		}
	}
	return nil
}
