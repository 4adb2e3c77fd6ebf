package apiclient

import (
	"net/http"
	"sync"
	"time"
)

// tolerance is the difference to the server's clock that is not corrected. The server states its time in seconds, and the
// response takes a while.
const tolerance = 5 * time.Second

// Clock converts the node's time to the API server's, which the scheduler's is close to. Many devices have no battery for
// their clock: after a start without a network, it can be years behind, and stands still or jumps later. A nil Clock
// corrects nothing.
type Clock struct {
	// now is time.Now, except in tests.
	now func() time.Time

	mutex sync.Mutex
	// server is the time of the server at the node's time local.
	server, local time.Time
}

// learn takes the time from the header "Date" of a response.
func (c *Clock) learn(date string) {
	if c == nil {
		return
	}
	server, err := http.ParseTime(date)
	if err != nil {
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.server, c.local = server, c.time()
}

func (c *Clock) time() time.Time {
	if c.now != nil {
		return c.now()
	}
	return time.Now()
}

// Correct returns the server's time at a time of the node. Differences between times of the node come from its monotonic
// clock, which steps of the node's clock do not change.
func (c *Clock) Correct(local time.Time) time.Time {
	if c == nil {
		return local
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	now := c.time()
	age := now.Sub(local)
	// The wall clock of the present: the one of local may be from before a step.
	wall := now.Round(0).Add(-age)
	if c.server.IsZero() {
		return wall
	}
	corrected := c.server.Add(local.Sub(c.local))
	if difference := corrected.Sub(wall); difference.Abs() <= tolerance {
		return wall
	}
	return corrected
}
