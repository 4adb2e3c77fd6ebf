package main

import (
	"os"
	"strings"
	"time"

	"k8s.io/utils/clock"
)

// clockOffsetFile is the environment variable with the path of a file that contains an offset of the clock, for tests.
const clockOffsetFile = "SKERRY_CLOCK_OFFSET_FILE"

// newClock returns the real clock or, with a file, a clock that is off by the duration in the file.
func newClock(offsetFile string) clock.PassiveClock {
	if offsetFile == "" {
		return clock.RealClock{}
	}
	return offsetClock(offsetFile)
}

// offsetClock is off by the duration in its file, while the file exists. It reads the file on each call, so that a change
// takes effect immediately.
type offsetClock string

func (c offsetClock) Now() time.Time {
	text, err := os.ReadFile(string(c))
	if err != nil {
		return time.Now()
	}
	// An invalid duration is 0.
	offset, _ := time.ParseDuration(strings.TrimSpace(string(text)))
	// Round removes the monotonic clock reading, which would hide the offset from some differences.
	return time.Now().Round(0).Add(offset)
}

func (c offsetClock) Since(past time.Time) time.Duration { return c.Now().Sub(past) }
