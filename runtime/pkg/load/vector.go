// Package load is what is known of nodes: what they can do, how busy they are, and how far that can be believed.
package load

import "math"

// Dimension is one of the things that a node has to give.
type Dimension int

// The dimensions, in the order in which they are written.
const (
	CPU Dimension = iota
	Memory
	IO
	Network
	Dimensions
)

// String is the dimension's name in annotations and arguments.
func (d Dimension) String() string { return [Dimensions]string{"cpu", "memory", "io", "network"}[d] }

// Vector holds a number for each dimension that is known. The zero Vector knows none.
type Vector struct {
	values [Dimensions]float64
	known  [Dimensions]bool
}

// Get is the number, and whether it is known.
func (v *Vector) Get(d Dimension) (float64, bool) { return v.values[d], v.known[d] }

// Set makes the number known. What is no finite number is not known.
func (v *Vector) Set(d Dimension, value float64) {
	finite := !math.IsNaN(value) && !math.IsInf(value, 0)
	if !finite {
		value = 0
	}
	v.values[d], v.known[d] = value, finite
}

// Of is a Vector with all four numbers known.
func Of(cpu, memory, io, network float64) Vector {
	var v Vector
	for d, value := range [Dimensions]float64{cpu, memory, io, network} {
		v.Set(Dimension(d), value)
	}
	return v
}
