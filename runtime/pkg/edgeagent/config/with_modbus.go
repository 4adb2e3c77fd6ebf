//go:build modbus

package config

// WithModbus tells whether the program has the driver modbus.
const WithModbus = true
