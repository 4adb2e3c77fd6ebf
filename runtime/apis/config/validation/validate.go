package validation

import (
	"fmt"
	"math"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	configv1 "github.com/skerry-dev/skerry/runtime/apis/config/v1"
)

// problems collects every invalid field, with its path.
type problems []string

// requireBetween reports values outside low to high. The value low itself is valid if inclusive. NaN is never valid.
func (p *problems) requireBetween(path string, value *float64, low float64, inclusive bool, high float64) {
	if *value > low && *value <= high || inclusive && *value == low {
		return
	}
	bound := "above"
	if inclusive {
		bound = "at least"
	}
	limit := ""
	if high < math.MaxFloat64 {
		limit = fmt.Sprintf(" and at most %v", high)
	}
	*p = append(*p, fmt.Sprintf("%s: must be %s %v%s, got %v", path, bound, low, limit, *value))
}

func (p *problems) requireDuration(path string, value *metav1.Duration, shortest time.Duration) {
	const longest = 24 * time.Hour
	if value.Duration < shortest || value.Duration > longest {
		*p = append(*p, fmt.Sprintf("%s: must be from %s to %s, got %s", path, shortest, longest, value.Duration))
	}
}

func (p *problems) validateMetrics(args configv1.MetricsArgs) {
	p.requireDuration("metrics.maxAge", args.MaxAge, time.Second)
	p.requireDuration("metrics.maxClockSkew", args.MaxClockSkew, 0)
}

func validateResourceProfile(args *configv1.ResourceProfileArgs) []string {
	var p problems
	p.requireBetween("scale.cpu", args.Scale.CPU, 0, false, math.MaxFloat64)
	p.requireBetween("scale.memoryGB", args.Scale.MemoryGB, 0, false, math.MaxFloat64)
	p.requireBetween("scale.iops", args.Scale.IOPS, 0, false, math.MaxFloat64)
	p.requireBetween("scale.networkGbps", args.Scale.NetworkGbps, 0, false, math.MaxFloat64)
	p.requireBetween("headroom", args.Headroom, 1, false, 1000)
	p.requireDuration("trendHorizon", args.TrendHorizon, 0)
	p.validateMetrics(args.Metrics)
	return p
}

func validateLoadAware(args *configv1.LoadAwareArgs) []string {
	var p problems
	weights := args.Weights
	p.requireBetween("weights.cpu", weights.CPU, 0, true, 1000)
	p.requireBetween("weights.memory", weights.Memory, 0, true, 1000)
	p.requireBetween("weights.network", weights.Network, 0, true, 1000)
	if *weights.CPU == 0 && *weights.Memory == 0 && *weights.Network == 0 {
		p = append(p, "weights: must include a weight above 0")
	}
	p.requireBetween("thresholds.cpu", args.Thresholds.CPU, 0, false, 100)
	p.requireBetween("thresholds.memory", args.Thresholds.Memory, 0, false, 100)
	p.requireBetween("thresholds.network", args.Thresholds.Network, 0, false, 100)
	switch args.MissingMetricsPolicy {
	case configv1.MissingMetricsAllow, configv1.MissingMetricsDeny:
	default:
		p = append(p, fmt.Sprintf("missingMetricsPolicy: must be one of %s, %s, got %q",
			configv1.MissingMetricsAllow, configv1.MissingMetricsDeny, args.MissingMetricsPolicy))
	}
	p.validateMetrics(args.Metrics)
	return p
}
