package process

import (
	"os"
	"strconv"
	"strings"
)

// Memory is what a process holds, in bytes. Zero: it has ended.
type Memory struct {
	// Resident is all of it that is in memory.
	Resident int64
	// Unreclaimable is what the kernel cannot drop: all but the pages of files. This is what a container's limit bounds in
	// the end.
	Unreclaimable int64
}

// MemoryOf reads what a process holds.
func MemoryOf(pid int) Memory {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return Memory{}
	}
	held := map[string]int64{}
	for line := range strings.Lines(string(raw)) {
		name, value, _ := strings.Cut(line, ":")
		kibibytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err == nil {
			held[name] = kibibytes << 10
		}
	}
	return Memory{Resident: held["VmRSS"], Unreclaimable: held["RssAnon"] + held["RssShmem"]}
}
