package sitestate

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Stamp is a hybrid logical clock.
type Stamp struct {
	// Milliseconds since 1970.
	Milliseconds int64
	// Counter orders stamps of the same time.
	Counter uint32
}

// maxMilliseconds is the end of the year 9999.
const maxMilliseconds = 253402300799999

// Compare returns -1, 0 or 1.
func (s Stamp) Compare(other Stamp) int {
	return cmp.Or(cmp.Compare(s.Milliseconds, other.Milliseconds), cmp.Compare(s.Counter, other.Counter))
}

// next returns the least greater stamp.
func (s Stamp) next() Stamp {
	if s.Counter == math.MaxUint32 {
		return Stamp{Milliseconds: s.Milliseconds + 1}
	}
	return Stamp{Milliseconds: s.Milliseconds, Counter: s.Counter + 1}
}

// newStamp returns the stamp of a write that replaces another one.
func newStamp(now time.Time, replaced Stamp) Stamp {
	stamp := Stamp{Milliseconds: min(max(now.UnixMilli(), 0), maxMilliseconds)}
	if stamp.Compare(replaced) > 0 {
		return stamp
	}
	return replaced.next()
}

// String returns the time and the counter, such as "1764266400123-4".
func (s Stamp) String() string { return fmt.Sprintf("%d-%d", s.Milliseconds, s.Counter) }

// ParseStamp parses what String returns.
func ParseStamp(text string) (Stamp, error) {
	milliseconds, counter, _ := strings.Cut(text, "-")
	parsed, errTime := strconv.ParseInt(milliseconds, 10, 64)
	count, errCounter := strconv.ParseUint(counter, 10, 32)
	stamp := Stamp{Milliseconds: parsed, Counter: uint32(count)}
	if errTime != nil || errCounter != nil || parsed < 0 || parsed > maxMilliseconds || stamp.String() != text {
		return Stamp{}, fmt.Errorf("stamp %.100q: must be milliseconds since 1970, a hyphen and a counter", text)
	}
	return stamp, nil
}

func (s Stamp) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func (s *Stamp) UnmarshalText(text []byte) error {
	stamp, err := ParseStamp(string(text))
	if err == nil {
		*s = stamp
	}
	return err
}
