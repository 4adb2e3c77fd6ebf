package usage

const bytesPerKiB = 1024

// memory is the memory of the node in bytes.
type memory struct{ total, available float64 }

// parseMemory parses /proc/meminfo.
func parseMemory(content []byte) (memory, bool) {
	total, ok := readField(content, "MemTotal:")
	available, known := readField(content, "MemAvailable:")
	if !ok || !known || total == 0 {
		return memory{}, false
	}
	return memory{total: float64(total) * bytesPerKiB, available: float64(min(available, total)) * bytesPerKiB}, true
}

func (m memory) percent() float64 { return 100 * (m.total - m.available) / m.total }
