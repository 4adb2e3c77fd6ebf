package load

import (
	"time"

	configv1 "github.com/skerry-dev/skerry/runtime/apis/config/v1"
)

// State is the state of a node's usage data.
type State string

const (
	// Fresh data counts in full.
	Fresh State = "fresh"
	// Stale data is too old to count.
	Stale State = "stale"
	// Missing means that there is no sample, or only a sample from the future.
	Missing State = "missing"
)

// Freshness decides which usage samples count.
type Freshness struct {
	// MaxAge is the age up to which a sample counts.
	MaxAge time.Duration
	// MaxClockSkew is how far in the future the timestamp of a sample may be.
	MaxClockSkew time.Duration
}

// NewFreshness returns the Freshness that the arguments configure. Their defaults must be set.
func NewFreshness(args configv1.MetricsArgs) Freshness {
	return Freshness{MaxAge: args.MaxAge.Duration, MaxClockSkew: args.MaxClockSkew.Duration}
}

// State returns the state, at the time now, of a sample taken at the time sampled. The zero time means no sample.
func (f Freshness) State(sampled, now time.Time) State {
	age := now.Sub(sampled)
	switch {
	case sampled.IsZero() || age < -f.MaxClockSkew:
		return Missing
	case age <= f.MaxAge:
		return Fresh
	}
	return Stale
}

const (
	// skewTolerance is how far in the future a sample may be and still be preferred over older ones. It is the default of
	// maxClockSkew.
	skewTolerance = 10 * time.Second
	// maxAge exceeds the largest configurable age of a sample that counts.
	maxAge = 48 * time.Hour
)

// Distance returns how far the time of a sample is from now; of several samples, the one with the least distance is the
// best. The distance of a sample from the future exceeds that of every sample that may count.
func Distance(sampled, now time.Time) time.Duration {
	age := now.Sub(sampled)
	if age < -skewTolerance {
		return maxAge - max(age, -maxAge)
	}
	return age.Abs()
}
