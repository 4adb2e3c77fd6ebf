package main

import (
	"context"
	"flag"
	"slices"

	"github.com/skerry-dev/skerry/runtime/internal/bench/latency"
)

// Herding of one burst.
type Herding struct {
	Policy latency.Policy `json:"policy"`
	Seed   uint64         `json:"seed"`
	// MostOverMean is the load of the busiest node over the mean.
	MostOverMean float64 `json:"mostOverMean"`
	// Loads of the nodes, the busiest first.
	Loads []float64 `json:"loads"`
}

// herding places a burst on nodes whose samples are frozen.
func herding(ctx context.Context, args []string, print func(any)) error {
	flags := flag.NewFlagSet("herding", flag.ContinueOnError)
	seeds := flags.Uint64("seeds", 20, "how many bursts, with seeds from 1")
	if err := flags.Parse(args); err != nil {
		return err
	}
	for _, policy := range latency.Policies {
		for seed := range *seeds {
			loads, err := latency.Herd(ctx, policy, seed+1)
			if err != nil {
				return err
			}
			slices.Sort(loads)
			slices.Reverse(loads)
			print(Herding{policy, seed + 1, latency.MostOverMean(loads), loads})
		}
	}
	return nil
}
