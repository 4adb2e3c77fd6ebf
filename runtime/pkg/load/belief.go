package load

import (
	"math"
	"time"

	configv1 "github.com/skerry-dev/skerry/runtime/apis/config/v1"
)

// State of what is known of a node's usage.
type State string

// The states.
const (
	// Fresh data is believed as it is.
	Fresh State = "fresh"
	// Stale data is believed the less the older it is.
	Stale State = "stale"
	// Missing means that there is no sample, or none that can be true.
	Missing State = "missing"
)

// Belief says how data ages.
type Belief struct {
	// FreshFor is how long a sample is believed in full.
	FreshFor time.Duration
	// HalfLife is the time in which the trust in a stale sample halves.
	HalfLife time.Duration
	// Skew is how far in the future a sample may lie, for clocks differ.
	Skew time.Duration
}

// BeliefOf arguments with their defaults filled in.
func BeliefOf(args configv1.DataArgs) Belief {
	return Belief{FreshFor: args.FreshFor.Duration, HalfLife: args.HalfLife.Duration, Skew: args.ClockSkew.Duration}
}

// forgotten is the trust below which a sample might as well not be there.
const forgotten = 1.0 / 128

// Trust at a moment in a sample of another (zero: there is none), from 1 (fresh) by halves towards 0, and its state. A sample of the future
// beyond the skew is no evidence of anything: it counts as missing.
func (b Belief) Trust(sampled, now time.Time) (float64, State) {
	if sampled.IsZero() {
		return 0, Missing
	}
	age := now.Sub(sampled)
	switch {
	case age < -b.Skew:
		return 0, Missing
	case age <= b.FreshFor:
		return 1, Fresh
	}
	trust := math.Exp2(-float64(age-b.FreshFor) / float64(b.HalfLife))
	if trust < forgotten {
		return 0, Stale
	}
	return trust, Stale
}

// Horizon is the age from which on a sample has no weight.
func (b Belief) Horizon() time.Duration {
	return b.FreshFor + time.Duration(-math.Log2(forgotten)*float64(b.HalfLife))
}
