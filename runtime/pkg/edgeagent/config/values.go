package config

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// Bytes is a number of bytes. It is written as a number, or with a suffix such as 64Ki, 8Mi or 2Gi.
type Bytes int64

var suffixes = map[string]int64{"": 1, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40}

// UnmarshalText parses a number of bytes.
func (b *Bytes) UnmarshalText(text []byte) error {
	digits := strings.TrimRight(string(text), "KMGTi")
	factor, known := suffixes[string(text)[len(digits):]]
	number, err := strconv.ParseInt(digits, 10, 64)
	if !known || err != nil || number < 0 || number > math.MaxInt64/factor {
		return errors.New("must be a number of bytes, such as 1000000, 64Ki, 8Mi or 2Gi")
	}
	*b = Bytes(number * factor)
	return nil
}

// Duration is a time such as 500ms, 10s, 5m or 720h.
type Duration time.Duration

// UnmarshalText parses a duration.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return errors.New("must be a duration, such as 500ms, 10s, 5m or 720h")
	}
	*d = Duration(parsed)
	return nil
}

// Std returns the duration as the standard library's type.
func (d Duration) Std() time.Duration { return time.Duration(d) }

func (d Duration) String() string { return time.Duration(d).String() }
