package resourceprofile

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// Preference is how much each dimension counts for a workload: weights that add up to 1.
type Preference [load.Dimensions]float64

// classes are the preferences with a name.
var classes = map[string]Preference{
	"cpu-heavy":     {0.7, 0.1, 0.1, 0.1},
	"memory-heavy":  {0.1, 0.7, 0.1, 0.1},
	"io-heavy":      {0.1, 0.1, 0.7, 0.1},
	"network-heavy": {0.1, 0.1, 0.1, 0.7},
	"balanced":      {0.25, 0.25, 0.25, 0.25},
}

// ParsePreference reads the annotation: a class, or weights as in cpu=0.2,io=0.8 of which those left out are 0.
func ParsePreference(text string) (Preference, error) {
	if class, known := classes[text]; known {
		return class, nil
	}
	var weights Preference
	var stated [load.Dimensions]bool
	sum := 0.0
	for part := range strings.SplitSeq(text, ",") {
		name, number, _ := strings.Cut(strings.TrimSpace(part), "=")
		d, known := dimension(name)
		weight, err := strconv.ParseFloat(number, 64)
		if !known || stated[d] || err != nil || !(weight >= 0) || math.IsInf(weight, 1) {
			return Preference{}, badPreference(text)
		}
		weights[d], stated[d] = weight, true
		sum += weight
	}
	if sum <= 0 || math.IsInf(sum, 1) {
		return Preference{}, badPreference(text)
	}
	for d := range weights {
		weights[d] /= sum
	}
	return weights, nil
}

func dimension(name string) (load.Dimension, bool) {
	for d := range load.Dimensions {
		if d.String() == name {
			return d, true
		}
	}
	return 0, false
}

func badPreference(got string) error {
	return fmt.Errorf("annotation %s: got %q, allowed cpu-heavy, memory-heavy, io-heavy, network-heavy, balanced, or weights "+
		"of cpu, memory, io and network, not negative and not all 0, as in cpu=0.2,io=0.8", labels.AnnotationResourceProfile, got)
}
