//go:build onewire

package config

// WithOneWire tells whether the program has the driver onewire.
const WithOneWire = true
