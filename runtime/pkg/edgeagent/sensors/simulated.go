package sensors

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/config"
)

// simulated is a sine wave with noise over the number of readings. Time plays no part, so that readings can be repeated.
type simulated struct {
	config.Simulated
	perReading float64
	readings   int
	random     *rand.Rand
}

func newSimulated(sensor config.Sensor) Driver {
	return &simulated{
		Simulated:  *sensor.Simulated,
		perReading: 2 * math.Pi * sensor.Interval.Std().Seconds() / sensor.Simulated.Period.Std().Seconds(),
		random:     rand.New(rand.NewPCG(sensor.Simulated.Seed, 0)),
	}
}

func (s *simulated) Read(context.Context) (float64, error) {
	wave := s.Amplitude * math.Sin(float64(s.readings)*s.perReading)
	s.readings++
	return s.Mean + wave + s.Noise*s.random.NormFloat64(), nil
}
