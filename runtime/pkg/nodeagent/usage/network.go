package usage

import (
	"bytes"
	"os"
	"path/filepath"
	"time"
)

const bitsPerByte = 8

// maxUse is the largest plausible traffic as a multiple of the bandwidth. It equals the largest percentage of the API.
const maxUse = 10

// port is a physical network interface.
type port struct {
	received, sent uint64
	// mbps is the speed of the link; 0 if the driver does not report it, as for Wi-Fi and most virtual machines.
	mbps float64
}

// readPorts returns the physical network interfaces that are up. Virtual interfaces are left out, because their traffic
// also passes a physical one, or stays on the node. It reads sysfs, which belongs to the network namespace that mounted it;
// /proc/net would show the pod's own.
func readPorts(sys string) map[string]port {
	ports := map[string]port{}
	entries, err := os.ReadDir(filepath.Join(sys, "class/net"))
	if err != nil {
		return ports
	}
	for _, entry := range entries {
		folder := filepath.Join(sys, "class/net", entry.Name())
		if _, err := os.Stat(filepath.Join(folder, "device")); err != nil {
			continue
		}
		if state, err := readFile(filepath.Join(folder, "operstate")); err != nil || string(bytes.TrimSpace(state)) == "down" {
			continue
		}
		received, okReceived := readCounter(filepath.Join(folder, "statistics/rx_bytes"))
		sent, okSent := readCounter(filepath.Join(folder, "statistics/tx_bytes"))
		if okReceived && okSent {
			mbps, _ := readNumber(filepath.Join(folder, "speed"))
			ports[entry.Name()] = port{received: received, sent: sent, mbps: max(0, mbps)}
		}
	}
	return ports
}

// linkMbps returns the speed of the fastest port; 0 if unknown.
func linkMbps(ports map[string]port) (fastest float64) {
	for _, each := range ports {
		fastest = max(fastest, each.mbps)
	}
	return fastest
}

// networkPercent returns the use of the bandwidth by the busiest port in its busier direction.
func networkPercent(before, after map[string]port, mbps float64, elapsed time.Duration) (percent float64, known bool) {
	if mbps <= 0 {
		return 0, false
	}
	for name, now := range after {
		earlier, found := before[name]
		if !found {
			continue
		}
		// A declared bandwidth may be that of the uplink, which local traffic exceeds.
		limit := maxUse * max(mbps, now.mbps) * 1e6 / bitsPerByte * elapsed.Seconds()
		for _, counter := range [][2]uint64{{earlier.received, now.received}, {earlier.sent, now.sent}} {
			if grown, ok := increase(counter[0], counter[1], limit); ok {
				percent, known = max(percent, 100*grown*bitsPerByte/elapsed.Seconds()/(mbps*1e6)), true
			}
		}
	}
	return percent, known
}
