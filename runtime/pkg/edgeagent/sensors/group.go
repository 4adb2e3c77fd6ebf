package sensors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/config"
)

var (
	errTimeout  = errors.New("the reading took too long")
	errHanging  = errors.New("an earlier reading has not ended")
	errNoNumber = errors.New("the reading is not a finite number")
)

// Keep keeps the reading of a sensor. It may wait for the disk.
type Keep func(ctx context.Context, sensor config.Sensor, value float64, at time.Time) error

// Reading is the latest result of a sensor.
type Reading struct {
	Name string `json:"name"`
	Unit string `json:"unit"`
	// Value is the latest value, and Time when it was read. Both are absent before the first one.
	Value *float64   `json:"value,omitempty"`
	Time  *time.Time `json:"time,omitempty"`
	// Error is why the latest attempt failed, or empty.
	Error string `json:"error,omitempty"`
	// Readings and Errors count since the sensor was configured.
	Readings uint64 `json:"readings"`
	Errors   uint64 `json:"errors"`
}

// Group reads sensors.
type Group struct {
	sensors []*sensor
	keep    Keep
	now     func() time.Time
	logger  *slog.Logger
}

type sensor struct {
	config config.Sensor
	driver Driver
	// busy tells that a reading has not ended.
	busy atomic.Bool

	mu     sync.Mutex
	latest Reading
}

// New returns a group of sensors whose configuration was checked. The clock, which dates readings, defaults to time.Now.
func New(configs []config.Sensor, keep Keep, now func() time.Time, logger *slog.Logger) *Group {
	group := &Group{keep: keep, now: now, logger: logger}
	if now == nil {
		group.now = time.Now
	}
	for _, each := range configs {
		group.sensors = append(group.sensors, &sensor{
			config: each, driver: newDriver(each), latest: Reading{Name: each.Name, Unit: each.Unit},
		})
	}
	return group
}

// Latest returns the latest readings, in the order of the configuration.
func (g *Group) Latest() []Reading {
	readings := []Reading{}
	for _, each := range g.sensors {
		each.mu.Lock()
		readings = append(readings, each.latest)
		each.mu.Unlock()
	}
	return readings
}

// Run reads until the context ends.
func (g *Group) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, each := range g.sensors {
		all.Go(func() { g.run(ctx, each) })
	}
	all.Wait()
}

func (g *Group) run(ctx context.Context, s *sensor) {
	ticker := time.NewTicker(s.config.Interval.Std())
	defer ticker.Stop()
	for {
		g.tick(ctx, s)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// tick reads a sensor and keeps the reading.
func (g *Group) tick(ctx context.Context, s *sensor) {
	value, err := s.read(ctx)
	at := g.now().UTC()
	if err == nil {
		err = g.keep(ctx, s.config, value, at)
	}
	if ctx.Err() != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		// Only the first of equal failures is logged.
		if err.Error() != s.latest.Error {
			g.logger.Warn("failed to read a sensor", "sensor", s.config.Name, "err", err.Error())
		}
		s.latest.Error = err.Error()
		s.latest.Errors++
		return
	}
	s.latest.Value, s.latest.Time, s.latest.Error = &value, &at, ""
	s.latest.Readings++
}

// read reads within the timeout. A reading that hangs is abandoned; no other one begins before it ends.
func (s *sensor) read(ctx context.Context) (float64, error) {
	if !s.busy.CompareAndSwap(false, true) {
		return 0, errHanging
	}
	limited, cancel := context.WithTimeout(ctx, s.config.Timeout.Std())
	defer cancel()
	type result struct {
		value float64
		err   error
	}
	results := make(chan result, 1)
	go func() {
		var read result
		defer func() {
			if cause := recover(); cause != nil {
				read.err = fmt.Errorf("the driver failed: %v", cause)
			}
			s.busy.Store(false)
			results <- read
		}()
		read.value, read.err = s.driver.Read(limited)
		if read.err == nil && (math.IsNaN(read.value) || math.IsInf(read.value, 0)) {
			read.err = errNoNumber
		}
	}()
	select {
	case read := <-results:
		return read.value, read.err
	case <-limited.Done():
		return 0, errTimeout
	}
}
