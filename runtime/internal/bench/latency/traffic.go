package latency

import (
	"math/rand/v2"
)

// Pattern is how arrivals come over time.
type Pattern string

// The patterns.
const (
	// Poisson arrivals have the same rate all the time.
	Poisson Pattern = "poisson"
	// Bursts switch between half and three times the mean rate: a Markov-modulated Poisson process of two states.
	Bursts Pattern = "bursts"
	// Recorded rates are those of a real load balancer, a recorded step of five minutes in ten seconds.
	Recorded Pattern = "recorded"
)

// Patterns in the order in which they are measured.
var Patterns = []Pattern{Poisson, Bursts, Recorded}

const (
	quiet, loud               = 0.5, 3.0
	quietFor, loudFor         = 120.0, 30.0 // seconds, in the mean: 0.8 of the time quiet, so that the mean rate is 1
	recordedStep              = 10.0        // seconds
	steadyForever     float64 = 1e18
)

// modulation is a factor on a rate, 1 in the mean, that changes at moments.
type modulation struct {
	pattern  Pattern
	random   *rand.Rand
	recorded []float64
	offset   int
	factor   float64
	changes  float64
}

func newModulation(pattern Pattern, recorded []float64, random *rand.Rand) *modulation {
	m := &modulation{pattern: pattern, random: random, recorded: recorded, factor: 1, changes: steadyForever}
	switch pattern {
	case Bursts:
		m.factor = quiet
		if random.Float64() < loudFor/(quietFor+loudFor) {
			m.factor = loud
		}
		m.changes = m.dwell()
	case Recorded:
		m.offset = random.IntN(len(recorded))
		m.factor, m.changes = recorded[m.offset], recordedStep*random.Float64()
	}
	return m
}

func (m *modulation) dwell() float64 {
	if m.factor == loud {
		return m.random.ExpFloat64() * loudFor
	}
	return m.random.ExpFloat64() * quietFor
}

// turn to the next factor; now is when the last one ended.
func (m *modulation) turn(now float64) {
	switch m.pattern {
	case Bursts:
		m.factor = quiet + loud - m.factor
		m.changes = now + m.dwell()
	case Recorded:
		m.offset = (m.offset + 1) % len(m.recorded)
		m.factor, m.changes = m.recorded[m.offset], now+recordedStep
	}
}
