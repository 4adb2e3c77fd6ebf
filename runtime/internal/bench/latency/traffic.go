package latency

import "math/rand/v2"

// Pattern is how the rate of arrivals changes over time.
type Pattern string

const (
	// Poisson arrivals have a constant rate.
	Poisson Pattern = "poisson"
	// Bursts switch between half and three times the mean rate: a Markov-modulated Poisson process of two states.
	Bursts Pattern = "bursts"
	// Recorded arrivals follow the rate of a recorded load balancer, with five recorded minutes compressed to ten seconds.
	Recorded Pattern = "recorded"
)

// Patterns are all patterns, in the order of the benchmark.
var Patterns = []Pattern{Poisson, Bursts, Recorded}

const (
	quietFactor, burstFactor         = 0.5, 3.0
	meanQuiet, meanBurst             = 120.0, 30.0 // seconds; 80 % of the time is quiet, so the mean factor is 1
	recordedStep                     = 10.0        // seconds
	never                    float64 = 1e18
)

// modulation is a factor on a rate that changes over time and has a mean of 1.
type modulation struct {
	pattern  Pattern
	random   *rand.Rand
	recorded []float64
	offset   int
	factor   float64
	// changes is the time of the next change.
	changes float64
}

func newModulation(pattern Pattern, recorded []float64, random *rand.Rand) *modulation {
	m := &modulation{pattern: pattern, random: random, recorded: recorded, factor: 1, changes: never}
	switch pattern {
	case Bursts:
		m.factor = quietFactor
		if random.Float64() < meanBurst/(meanQuiet+meanBurst) {
			m.factor = burstFactor
		}
		m.changes = m.dwell()
	case Recorded:
		m.offset = random.IntN(len(recorded))
		m.factor, m.changes = recorded[m.offset], recordedStep*random.Float64()
	}
	return m
}

// dwell returns a random time until the factor changes.
func (m *modulation) dwell() float64 {
	if m.factor == burstFactor {
		return m.random.ExpFloat64() * meanBurst
	}
	return m.random.ExpFloat64() * meanQuiet
}

// advance changes to the next factor.
func (m *modulation) advance(now float64) {
	switch m.pattern {
	case Bursts:
		m.factor = quietFactor + burstFactor - m.factor
		m.changes = now + m.dwell()
	case Recorded:
		m.offset = (m.offset + 1) % len(m.recorded)
		m.factor, m.changes = m.recorded[m.offset], now+recordedStep
	}
}
