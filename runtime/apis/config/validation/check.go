package validation

import (
	"fmt"
	"math"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	configv1 "github.com/skerry-dev/skerry/runtime/apis/config/v1"
)

// problems are collected, each with the path of its field.
type problems []string

// between wants low < or ≤ value ≤ high; a number that is none (NaN) lies nowhere.
func (p *problems) between(path string, value *float64, low float64, including bool, high float64) {
	if *value > low && *value <= high || including && *value == low {
		return
	}
	bound := "above"
	if including {
		bound = "at least"
	}
	limit := ""
	if high < math.MaxFloat64 {
		limit = fmt.Sprintf(" and at most %v", high)
	}
	*p = append(*p, fmt.Sprintf("%s: got %v, allowed %s %v%s", path, *value, bound, low, limit))
}

func (p *problems) duration(path string, value *metav1.Duration, least time.Duration) {
	const most = 24 * time.Hour
	if value.Duration < least || value.Duration > most {
		*p = append(*p, fmt.Sprintf("%s: got %s, allowed %s to %s", path, value.Duration, least, most))
	}
}

func (p *problems) data(data configv1.DataArgs) {
	p.duration("data.freshFor", data.FreshFor, time.Second)
	p.duration("data.clockSkew", data.ClockSkew, 0)
}

func resourceProfile(args *configv1.ResourceProfileArgs) []string {
	var p problems
	p.between("scale.cpu", args.Scale.CPU, 0, false, math.MaxFloat64)
	p.between("scale.memoryGB", args.Scale.MemoryGB, 0, false, math.MaxFloat64)
	p.between("scale.iops", args.Scale.IOPS, 0, false, math.MaxFloat64)
	p.between("scale.networkGbps", args.Scale.NetworkGbps, 0, false, math.MaxFloat64)
	p.between("headroom", args.Headroom, 1, false, 1000)
	p.duration("trendHorizon", args.TrendHorizon, 0)
	p.data(args.Data)
	return p
}

func loadAware(args *configv1.LoadAwareArgs) []string {
	var p problems
	weights := args.Weights
	p.between("weights.cpu", weights.CPU, 0, true, 1000)
	p.between("weights.memory", weights.Memory, 0, true, 1000)
	p.between("weights.network", weights.Network, 0, true, 1000)
	if *weights.CPU == 0 && *weights.Memory == 0 && *weights.Network == 0 {
		p = append(p, "weights: all are 0, allowed when at least one is above 0")
	}
	p.between("threshold.cpu", args.Threshold.CPU, 0, false, 100)
	p.between("threshold.memory", args.Threshold.Memory, 0, false, 100)
	p.between("threshold.network", args.Threshold.Network, 0, false, 100)
	if args.WhenMissing != configv1.Open && args.WhenMissing != configv1.Closed {
		p = append(p, fmt.Sprintf("whenMissing: got %q, allowed %s or %s", args.WhenMissing, configv1.Open, configv1.Closed))
	}
	p.data(args.Data)
	return p
}
