package usage

import "math"

// increase returns how much a counter of the kernel has grown between two readings. It returns false if that is unknown,
// because the counter restarted or grew more than is plausible.
//
// A counter that went back has either wrapped or restarted. Counters of 32 bits do wrap: those of some network drivers, and
// a disk's busy time. It counts as wrapped only if the growth is then at most limit, which must be known, that is, above 0.
func increase(before, after uint64, limit float64) (float64, bool) {
	// Arithmetic on unsigned numbers covers a wrap of 64 bits.
	grown := float64(after - before)
	if after < before && before <= math.MaxUint32 {
		grown = float64(after + (1 << 32) - before)
	}
	if limit > 0 {
		return grown, grown <= limit
	}
	return grown, after >= before
}
