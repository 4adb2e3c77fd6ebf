package config

import (
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// Drivers of sensors.
const (
	DriverSimulated = "simulated"
	DriverFile      = "file"
	DriverModbus    = "modbus"
	DriverOneWire   = "onewire"
)

var oneWireDevice = regexp.MustCompile(`^[0-9a-f]{2}-[0-9a-f]{12}$`)

func (c *checking) sensors(sensors []Sensor, classes []Class) {
	seen := map[string]bool{}
	for index, sensor := range sensors {
		path := fmt.Sprintf("sensors[%d]", index)
		if err := outbox.CheckClass(sensor.Name); err != nil {
			c.add(path+".name", "%s", err)
		} else if seen[sensor.Name] {
			c.add(path+".name", "%q: duplicate value", sensor.Name)
		}
		seen[sensor.Name] = true
		c.class(path+".class", sensor.Class, classes)
		if message := unitProblem(sensor.Unit); message != "" {
			c.add(path+".unit", "%q: %s", sensor.Unit, message)
		}
		c.time(path+".interval", sensor.Interval, 10*time.Millisecond, 24*time.Hour)
		c.time(path+".timeout", sensor.Timeout, time.Millisecond, time.Minute)
		c.driver(path, sensor)
	}
}

// driver checks the settings of the driver, and that there are none of another one.
func (c *checking) driver(path string, sensor Sensor) {
	settings := map[string]bool{
		DriverSimulated: sensor.Simulated != nil, DriverFile: sensor.File != nil,
		DriverModbus: sensor.Modbus != nil, DriverOneWire: sensor.OneWire != nil,
	}
	if _, known := settings[sensor.Driver]; !known {
		c.oneOf(path+".driver", sensor.Driver, DriverSimulated, DriverFile, DriverModbus, DriverOneWire)
		return
	}
	if sensor.Driver == DriverModbus && !WithModbus || sensor.Driver == DriverOneWire && !WithOneWire {
		c.add(path+".driver", "%q: this program was built without it (build tag %s)", sensor.Driver, sensor.Driver)
	}
	for _, driver := range []string{DriverSimulated, DriverFile, DriverModbus, DriverOneWire} {
		if driver == sensor.Driver && !settings[driver] {
			c.add(path+"."+driver, "must not be empty")
		}
		if driver != sensor.Driver && settings[driver] {
			c.add(path+"."+driver, "must be empty: the driver is %s", sensor.Driver)
		}
	}
	if simulated := sensor.Simulated; simulated != nil {
		c.time(path+".simulated.period", simulated.Period, time.Second, 8760*time.Hour)
		c.finite(path+".simulated.mean", simulated.Mean)
		c.finite(path+".simulated.amplitude", simulated.Amplitude)
		c.finite(path+".simulated.noise", simulated.Noise)
	}
	if file := sensor.File; file != nil {
		if !filepath.IsAbs(file.Path) {
			c.add(path+".file.path", "%q: must be an absolute path", file.Path)
		}
		c.finite(path+".file.scale", file.Scale)
		c.finite(path+".file.offset", file.Offset)
	}
	if modbus := sensor.Modbus; modbus != nil {
		c.modbus(path+".modbus", *modbus)
	}
	if wire := sensor.OneWire; wire != nil && !oneWireDevice.MatchString(wire.Device) {
		c.add(path+".onewire.device", "%q: must be the name of a 1-Wire device, such as 28-0316a2795bff", wire.Device)
	}
}

func (c *checking) modbus(path string, modbus Modbus) {
	c.address(path+".address", modbus.Address)
	c.between(path+".unitID", int64(modbus.UnitID), 1, 255)
	c.between(path+".register", int64(modbus.Register), 0, 65535)
	c.oneOf(path+".table", modbus.Table, "holding", "input")
	c.oneOf(path+".type", modbus.Type, "uint16", "int16", "uint32", "int32", "float32")
	c.oneOf(path+".wordOrder", modbus.WordOrder, "high-first", "low-first")
	c.finite(path+".scale", modbus.Scale)
	c.finite(path+".offset", modbus.Offset)
}

func (c *checking) finite(path string, value float64) {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		c.add(path, "%v: must be a finite number", value)
	}
}

// ucum has the codes of units that are often written otherwise.
var ucum = map[string]string{
	"C": "Cel (C is coulomb)", "°C": "Cel", "degC": "Cel", "celsius": "Cel", "F": "[degF] (F is farad)", "°F": "[degF]",
	"percent": "%", "hours": "h", "sec": "s", "seconds": "s", "volt": "V", "watt": "W", "kwh": "kW.h", "kWh": "kW.h",
	"psi": "[psi]", "rpm": "{rpm}/min or /min", "ppm": "[ppm]", "Ω": "Ohm", "µg/m3": "ug/m3",
}

// unitProblem returns what is wrong with a unit. It checks what every code of UCUM satisfies, and knows frequent mistakes.
// It is not a parser of UCUM.
func unitProblem(unit string) string {
	switch code := ucum[unit]; {
	case unit == "":
		return "must be a code of UCUM, such as Cel, % or hPa; 1 is the unit of a number"
	case code != "" && code != unit:
		return "must be a code of UCUM: did you mean " + code + "?"
	case len(unit) > 64:
		return "must have at most 64 characters"
	}
	for _, each := range unit {
		if each < '!' || each > '~' || strings.ContainsRune("\"&,:;<=>?@\\`|~#", each) {
			return fmt.Sprintf("must be a code of UCUM: %q is not allowed", each)
		}
	}
	var open []rune
	closing := map[rune]rune{')': '(', ']': '[', '}': '{'}
	for _, each := range unit {
		switch each {
		case '(', '[', '{':
			open = append(open, each)
		case ')', ']', '}':
			if len(open) == 0 || open[len(open)-1] != closing[each] {
				return "must be a code of UCUM: brackets must be balanced"
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return "must be a code of UCUM: brackets must be balanced"
	}
	return ""
}
