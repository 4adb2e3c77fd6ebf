package usage

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	diskName = 2
	// diskBusy is the field with the time in ms during which requests were in flight. It wraps at 32 bits.
	diskBusy = 12
)

// parseDisks returns the busy time in ms of each disk in /proc/diskstats. Partitions and virtual disks are left out,
// because their requests also count for the disk below.
func parseDisks(content []byte, sys string) map[string]uint64 {
	disks := map[string]uint64{}
	for line := range strings.Lines(string(content)) {
		fields := strings.Fields(line)
		if len(fields) <= diskBusy || strings.Contains(fields[diskName], "/") {
			continue
		}
		busy, err := strconv.ParseUint(fields[diskBusy], 10, 64)
		if err != nil {
			continue
		}
		if _, err := os.Stat(filepath.Join(sys, "block", fields[diskName], "device")); err == nil {
			disks[fields[diskName]] = busy
		}
	}
	return disks
}

// diskPercent returns the share of time that the busiest disk was busy. A disk that was added or removed in between is left
// out.
func diskPercent(before, after map[string]uint64, elapsed time.Duration) (percent float64, known bool) {
	// The kernel counts in its own ticks, so a disk can be busy for a little longer than the window.
	limit := 1.1*float64(elapsed.Milliseconds()) + 100
	for name, busy := range after {
		earlier, found := before[name]
		if !found {
			continue
		}
		if grown, ok := increase(earlier, busy, limit); ok {
			percent, known = max(percent, min(100, 100*grown/float64(elapsed.Milliseconds()))), true
		}
	}
	return percent, known
}
