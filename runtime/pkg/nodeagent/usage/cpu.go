package usage

import (
	"strconv"
	"strings"
)

// The fields of a "cpu" line in /proc/stat (proc_stat(5)). Time of guests is part of user and nice.
const (
	cpuUser = iota
	cpuNice
	cpuSystem
	cpuIdle
	cpuWait
	cpuInterrupt
	cpuSoftInterrupt
	cpuStolen
	cpuFields
)

// cpuTimes are the times of all cores in clock ticks.
type cpuTimes struct {
	ticks [cpuFields]uint64
	// cores is the number of cores that are online.
	cores int
}

// parseCPU parses /proc/stat.
func parseCPU(content []byte) (times cpuTimes, ok bool) {
	for line := range strings.Lines(string(content)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || !strings.HasPrefix(fields[0], "cpu") {
			continue
		}
		if fields[0] != "cpu" {
			times.cores++
			continue
		}
		for i, text := range fields[1:min(len(fields), 1+cpuFields)] {
			number, err := strconv.ParseUint(text, 10, 64)
			if err != nil {
				return cpuTimes{}, false
			}
			times.ticks[i] = number
		}
		ok = true
	}
	return times, ok && times.cores > 0
}

// cpuPercent returns the share of time that the cores were busy. It does not depend on the clock. Time that a hypervisor
// took away counts as busy, because pods cannot use it.
func cpuPercent(before, after cpuTimes) (float64, bool) {
	var busy, total float64
	for field := range cpuFields {
		grown, ok := increase(before.ticks[field], after.ticks[field], 0)
		idle := field == cpuIdle || field == cpuWait
		if !ok && idle {
			// The kernel documents that the idle times may decrease a little.
			grown, ok = 0, true
		}
		if !ok {
			return 0, false
		}
		total += grown
		if !idle {
			busy += grown
		}
	}
	if total <= 0 {
		return 0, false
	}
	return 100 * busy / total, true
}
