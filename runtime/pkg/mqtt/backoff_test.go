package mqtt

import (
	"testing"
	"time"
)

func TestBackoffHasFullJitterUpToAGrowingBound(t *testing.T) {
	var most, least [10]time.Duration
	for round := range 2000 {
		backoff := Backoff{Max: time.Minute}
		for n := range most {
			wait := backoff.Next()
			most[n] = max(most[n], wait)
			if round == 0 || wait < least[n] {
				least[n] = wait
			}
		}
	}
	for n, bound := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60, 60, 60} {
		bound *= time.Second
		if most[n] > bound || most[n] < bound*9/10 || least[n] > bound/10 {
			t.Errorf("attempt %d waits from %s to %s, want from 0 to %s", n+1, least[n], most[n], bound)
		}
	}
	backoff := Backoff{Max: time.Minute}
	for range 10 {
		backoff.Next()
	}
	backoff.Reset()
	if wait := backoff.Next(); wait > time.Second {
		t.Errorf("after a reset it waits %s", wait)
	}
}
