//go:build onewire

package sensors

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/config"
)

// oneWireDevices is where Linux shows the devices of its 1-Wire buses.
const oneWireDevices = "/sys/bus/w1/devices"

// poweredUp is what a DS18B20 reports before its first conversion.
const poweredUp = 85000

func init() {
	drivers[config.DriverOneWire] = func(s config.Sensor) Driver {
		return oneWire{filepath.Join(oneWireDevices, s.OneWire.Device, "w1_slave")}
	}
}

// oneWire reads a temperature in degrees Celsius from the driver w1_therm of Linux.
type oneWire struct{ path string }

func (o oneWire) Read(context.Context) (float64, error) {
	text, err := readFile(o.path)
	if err != nil {
		return 0, err
	}
	first, rest, _ := strings.Cut(text, "\n")
	if !strings.HasSuffix(strings.TrimSpace(first), "YES") {
		return 0, fmt.Errorf("%s: the checksum is wrong", o.path)
	}
	_, value, found := strings.Cut(rest, "t=")
	if !found {
		return 0, fmt.Errorf("%s: has no temperature", o.path)
	}
	millidegrees, err := strconv.Atoi(strings.TrimSpace(value))
	if err != nil {
		return 0, fmt.Errorf("%s: %.40q: must be a number", o.path, value)
	}
	if millidegrees == poweredUp {
		return 0, errors.New("85 °C: the sensor has not measured since its power came back")
	}
	return float64(millidegrees) / 1000, nil
}
