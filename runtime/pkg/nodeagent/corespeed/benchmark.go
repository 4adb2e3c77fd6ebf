// Package corespeed measures the speed of the node's cores with a short benchmark.
package corespeed

import (
	"context"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// slices are separated by pauses, so the benchmark uses a tenth of one core for ten seconds. A slice is long enough for a
	// frequency governor to raise the clock of the core.
	slices    = 20
	sliceTime = 50 * time.Millisecond
	pauseTime = 450 * time.Millisecond
	// warmUp is the share of a slice that is not measured.
	warmUp = 0.4
	// lowestPriority is the nice value of the benchmark's thread.
	lowestPriority = 19
	// roundsPerUnit is the number of rounds per second that counts as a speed of 1. Only ratios between nodes matter.
	roundsPerUnit = 1e6
)

// Measure runs the benchmark on one core and returns its speed. The benchmark yields to all other work: its thread has the
// lowest priority, and it counts the CPU time of the thread, so work that preempts it does not lower the result. The best
// slice counts.
func Measure(ctx context.Context) (float64, error) {
	// A locked thread ends with its goroutine, so no other goroutine inherits the priority.
	result := make(chan float64, 1)
	failed := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		// On Linux, the priority is that of the calling thread.
		if err := unix.Setpriority(unix.PRIO_PROCESS, 0, lowestPriority); err != nil {
			failed <- err
			return
		}
		best := 0.0
		for range slices {
			best = max(best, runSlice())
			select {
			case <-ctx.Done():
				failed <- ctx.Err()
				return
			case <-time.After(pauseTime):
			}
		}
		result <- best / roundsPerUnit
	}()
	select {
	case speed := <-result:
		return speed, nil
	case err := <-failed:
		return 0, err
	}
}

// runSlice returns the rounds per second of CPU time.
func runSlice() float64 {
	rounds, state := 0, newState()
	start, measured, measuredRounds := threadTime(), time.Duration(0), 0
	for {
		state.round()
		rounds++
		used := threadTime() - start
		if measured == 0 && float64(used) >= warmUp*float64(sliceTime) {
			measured, measuredRounds = used, rounds
		}
		if used >= sliceTime {
			return float64(rounds-measuredRounds) / (used - measured).Seconds()
		}
	}
}

// work is the state of the benchmark: a table that fits into the first cache of every core.
type work struct {
	table [4096]uint32
	seed  uint32
	sum   float64
}

func newState() *work {
	w := &work{seed: 1}
	for i := range w.table {
		w.table[i] = w.next()
	}
	return w
}

func (w *work) next() uint32 {
	w.seed ^= w.seed << 13
	w.seed ^= w.seed >> 17
	w.seed ^= w.seed << 5
	return w.seed
}

// round mixes what programs do: integer and floating-point arithmetic, dependent reads of memory, and branches that cannot be
// predicted. It uses no instructions for encryption or vectors, which only some devices have.
func (w *work) round() {
	for range 1000 {
		value := w.next()
		entry := &w.table[value%uint32(len(w.table))]
		if value&1 == 0 {
			*entry += value
		} else {
			w.sum = w.sum*0.5 + float64(*entry)
		}
	}
}

// threadTime returns the CPU time of the calling thread.
func threadTime() time.Duration {
	var now unix.Timespec
	// The clock exists in every kernel, so reading it never fails.
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now)
	return time.Duration(now.Nano())
}
