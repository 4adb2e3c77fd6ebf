// Package sensors reads sensors. Each has a ticker and a goroutine of its own, so that one that hangs or fails does not
// affect the others.
package sensors

import (
	"context"
	"fmt"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/config"
)

// Driver reads one sensor.
type Driver interface {
	// Read returns the present value. It should end with the context; a reading that does not is abandoned.
	Read(ctx context.Context) (float64, error)
}

// drivers create the driver of a sensor. Build tags add some.
var drivers = map[string]func(config.Sensor) Driver{
	config.DriverSimulated: newSimulated,
	config.DriverFile:      func(s config.Sensor) Driver { return file{*s.File} },
}

// newDriver returns the driver of a sensor whose configuration was checked.
func newDriver(sensor config.Sensor) Driver {
	create := drivers[sensor.Driver]
	if create == nil {
		return failing{fmt.Errorf("this program was built without the driver %s", sensor.Driver)}
	}
	return create(sensor)
}

// failing is a driver that cannot work.
type failing struct{ err error }

func (f failing) Read(context.Context) (float64, error) { return 0, f.err }
