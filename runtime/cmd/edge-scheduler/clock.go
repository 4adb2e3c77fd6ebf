package main

import (
	"os"
	"strings"
	"time"

	"k8s.io/utils/clock"
)

// clockOffsetFile is the environment variable that names a file with what the clock is wrong by.
const clockOffsetFile = "SKERRY_CLOCK_OFFSET_FILE"

// clockFrom is the machine's clock, or with a file one that can be made to step.
func clockFrom(file string) clock.PassiveClock {
	if file == "" {
		return clock.RealClock{}
	}
	return offsetClock(file)
}

// offsetClock is wrong by the duration that its file holds, for as long as that is there. The file is read each time: who
// writes it wants the step at once.
type offsetClock string

func (c offsetClock) Now() time.Time {
	text, err := os.ReadFile(string(c))
	if err != nil {
		return time.Now()
	}
	// What is no duration is none.
	offset, _ := time.ParseDuration(strings.TrimSpace(string(text)))
	// A step shows in wall clocks alone: with the monotonic reading, some differences would not see it.
	return time.Now().Round(0).Add(offset)
}

func (c offsetClock) Since(past time.Time) time.Duration { return c.Now().Sub(past) }
