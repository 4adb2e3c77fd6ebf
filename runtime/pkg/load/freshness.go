package load

import (
	"time"

	configv1 "github.com/skerry-dev/skerry/runtime/apis/config/v1"
)

// State of what is known of a node's usage.
type State string

// The states.
const (
	// Fresh data counts.
	Fresh State = "fresh"
	// Stale data is too old to count.
	Stale State = "stale"
	// Missing means that there is no sample, or only one dated in the future.
	Missing State = "missing"
)

// Freshness says which samples count: each in full, or not at all.
type Freshness struct {
	// For is how long a sample counts.
	For time.Duration
	// Skew is how far in the future a sample may be dated, because clocks differ.
	Skew time.Duration
}

// FreshnessOf arguments with their defaults filled in.
func FreshnessOf(args configv1.DataArgs) Freshness {
	return Freshness{For: args.FreshFor.Duration, Skew: args.ClockSkew.Duration}
}

// State at a moment of a sample of another; the zero time stands for no sample.
func (f Freshness) State(sampled, now time.Time) State {
	age := now.Sub(sampled)
	switch {
	case sampled.IsZero() || age < -f.Skew:
		return Missing
	case age <= f.For:
		return Fresh
	}
	return Stale
}

const (
	// tolerance is how far in the future a sample is dated that still comes before older ones: the default of clockSkew.
	tolerance = 10 * time.Second
	// maxAge is more than the longest time for which a sample may count.
	maxAge = 48 * time.Hour
)

// Distance of a sample's time from now, by which the best of some samples is chosen: its age. One dated in the future is
// farther away than all that may count.
func Distance(sampled, now time.Time) time.Duration {
	age := now.Sub(sampled)
	if age < -tolerance {
		return maxAge - max(age, -maxAge)
	}
	return age.Abs()
}
