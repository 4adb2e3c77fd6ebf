// Package load models the capability and the usage of nodes.
package load

import "math"

// Dimension is a resource of a node.
type Dimension int

// The dimensions, in the order of resource profiles.
const (
	CPU Dimension = iota
	Memory
	IO
	Network
	// Dimensions is the number of dimensions.
	Dimensions
)

// String returns the name of the dimension in annotations and arguments.
func (d Dimension) String() string { return [Dimensions]string{"cpu", "memory", "io", "network"}[d] }

// Vector is a number for each dimension. Each number may be unknown; in the zero Vector, all are.
type Vector struct {
	values [Dimensions]float64
	known  [Dimensions]bool
}

// NewVector returns a Vector of four numbers.
func NewVector(cpu, memory, io, network float64) Vector {
	var v Vector
	for d, value := range [Dimensions]float64{cpu, memory, io, network} {
		v.Set(Dimension(d), value)
	}
	return v
}

// Get returns the number of a dimension, and false if it is unknown.
func (v *Vector) Get(d Dimension) (value float64, known bool) { return v.values[d], v.known[d] }

// Set sets the number of a dimension. NaN and infinities make it unknown.
func (v *Vector) Set(d Dimension, value float64) {
	finite := !math.IsNaN(value) && !math.IsInf(value, 0)
	if !finite {
		value = 0
	}
	v.values[d], v.known[d] = value, finite
}
