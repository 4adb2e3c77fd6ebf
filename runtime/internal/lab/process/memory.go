package process

import (
	"os"
	"strconv"
	"strings"
)

// Memory is the memory usage of a process in bytes. It is zero if the process has ended.
type Memory struct {
	// Resident is the resident set size.
	Resident int64
	// Unreclaimable is the part that the kernel cannot reclaim: all but file pages. A container is killed when this part
	// exceeds its memory limit.
	Unreclaimable int64
}

// ReadMemory reads the memory usage of a process.
func ReadMemory(pid int) Memory {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return Memory{}
	}
	sizes := map[string]int64{}
	for line := range strings.Lines(string(raw)) {
		name, value, _ := strings.Cut(line, ":")
		kibibytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err == nil {
			sizes[name] = kibibytes << 10
		}
	}
	return Memory{Resident: sizes["VmRSS"], Unreclaimable: sizes["RssAnon"] + sizes["RssShmem"]}
}
