package programtest

import (
	"flag"
	"math/rand/v2"
	"testing"
)

var (
	seedFlag   = flag.Uint64("seed", 0, "seed of the random tests (default: random)")
	roundsFlag = flag.Int("rounds", 0, "rounds of the tests that kill processes (default: 12, or 4 with -short)")
)

// RandomOf returns random numbers whose seed the test prints.
func RandomOf(t *testing.T) *rand.Rand {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("repeat with -run '^%s$' -seed %d", t.Name(), seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// Rounds returns how many rounds a test runs that kills processes.
func Rounds() int {
	switch {
	case *roundsFlag > 0:
		return *roundsFlag
	case testing.Short():
		return 4
	}
	return 12
}
