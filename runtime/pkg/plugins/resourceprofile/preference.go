package resourceprofile

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// Preference is the weight of each dimension for a workload. The weights sum to 1.
type Preference [load.Dimensions]float64

// classes are the named preferences.
var classes = map[string]Preference{
	"cpu-heavy":     {0.7, 0.1, 0.1, 0.1},
	"memory-heavy":  {0.1, 0.7, 0.1, 0.1},
	"io-heavy":      {0.1, 0.1, 0.7, 0.1},
	"network-heavy": {0.1, 0.1, 0.1, 0.7},
	"balanced":      {0.25, 0.25, 0.25, 0.25},
}

// ParsePreference parses the annotation: a class, or weights such as cpu=0.2,io=0.8. Omitted weights are 0. The weights are
// normalized to sum to 1.
func ParsePreference(text string) (Preference, error) {
	if class, found := classes[text]; found {
		return class, nil
	}
	var weights Preference
	var seen [load.Dimensions]bool
	sum := 0.0
	for part := range strings.SplitSeq(text, ",") {
		name, number, _ := strings.Cut(strings.TrimSpace(part), "=")
		d, known := parseDimension(name)
		weight, err := strconv.ParseFloat(number, 64)
		if !known || seen[d] || err != nil || !(weight >= 0) || math.IsInf(weight, 1) {
			return Preference{}, invalidPreference(text)
		}
		weights[d], seen[d] = weight, true
		sum += weight
	}
	if sum <= 0 || math.IsInf(sum, 1) {
		return Preference{}, invalidPreference(text)
	}
	for d := range weights {
		weights[d] /= sum
	}
	return weights, nil
}

func parseDimension(name string) (load.Dimension, bool) {
	for d := range load.Dimensions {
		if d.String() == name {
			return d, true
		}
	}
	return 0, false
}

func invalidPreference(value string) error {
	return fmt.Errorf("annotation %s: must be one of cpu-heavy, memory-heavy, io-heavy, network-heavy, balanced, or list weights of cpu, "+
		"memory, io and network that are not negative and not all 0, for example cpu=0.2,io=0.8, got %q", labels.AnnotationResourceProfile, value)
}
