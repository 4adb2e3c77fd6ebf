// Package kernelfiles writes the files in which Linux reports the hardware and the usage of a machine, for a machine that is
// simulated.
package kernelfiles

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/skerry-dev/skerry/runtime/internal/lab/usage"
)

const (
	// ticksPerSecond is the unit of /proc/stat.
	ticksPerSecond = 100
	bytesPerKiB    = 1024
	bitsPerByte    = 8
	full           = 100.0
	disk           = "nvme0n1"
	port           = "eth0"
	// podGroups is the folder of the pods' control groups, version 2, as the kubelet names it.
	podGroups = "fs/cgroup/kubepods"
)

// Hardware is the hardware of a machine.
type Hardware struct {
	Cores       int
	MemoryBytes float64
	// LinkMbps is the speed of the network interface.
	LinkMbps float64
}

// Files are the files of one machine. Their counters start at 0, as after a start of the machine. Numbers have a fixed width, so that
// files keep their length.
type Files struct {
	// Proc and Sys are the folders of procfs and sysfs.
	Proc, Sys string

	// Counters are sums of fractions, so that rounding them down loses nothing over time.
	idleTicks, busyTicks, diskMs, received float64
	podSeconds                             map[types.UID]float64
	// written is the content of each file, so that unchanged ones are not written again.
	written map[string]string
}

// Advance lets the machine have a usage for some time, and writes the files.
func (f *Files) Advance(elapsed time.Duration, hardware Hardware, used usage.Usage) error {
	seconds := elapsed.Seconds()
	ticks := seconds * ticksPerSecond * float64(hardware.Cores)
	busy := min(full, used.CPU) / full
	f.busyTicks, f.idleTicks = f.busyTicks+ticks*busy, f.idleTicks+ticks*(1-busy)
	f.diskMs += float64(elapsed.Milliseconds()) * min(full, used.IO) / full
	f.received += seconds * hardware.LinkMbps * 1e6 / bitsPerByte * used.Network / full
	if err := f.writeHardware(hardware); err != nil {
		return err
	}
	if err := f.writeUsage(hardware, min(full, used.Memory)/full); err != nil {
		return err
	}
	return f.writePods(seconds, used)
}

func (f *Files) writeHardware(hardware Hardware) error {
	return f.write(map[string]string{
		filepath.Join(f.Sys, "block", disk, "device/model"):            "lab\n",
		filepath.Join(f.Sys, "class/net", port, "device/vendor"):       "lab\n",
		filepath.Join(f.Sys, "class/net", port, "operstate"):           "up\n",
		filepath.Join(f.Sys, "class/net", port, "speed"):               fmt.Sprintf("%.0f\n", hardware.LinkMbps),
		filepath.Join(f.Sys, "class/net", port, "statistics/tx_bytes"): "0\n",
		filepath.Join(f.Sys, "fs/cgroup/cgroup.controllers"):           "cpu memory\n",
	})
}

func (f *Files) writeUsage(hardware Hardware, memory float64) error {
	var stat strings.Builder
	cores := float64(hardware.Cores)
	// The fields are user, nice, system and idle; the agent needs no others.
	fmt.Fprintf(&stat, "cpu  %20d 0 0 %20d 0 0 0 0 0 0\n", int64(f.busyTicks), int64(f.idleTicks))
	for core := range hardware.Cores {
		fmt.Fprintf(&stat, "cpu%d %20d 0 0 %20d 0 0 0 0 0 0\n", core, int64(f.busyTicks/cores), int64(f.idleTicks/cores))
	}
	total, free := hardware.MemoryBytes/bytesPerKiB, hardware.MemoryBytes*(1-memory)/bytesPerKiB
	return f.write(map[string]string{
		filepath.Join(f.Proc, "stat"):    stat.String(),
		filepath.Join(f.Proc, "meminfo"): fmt.Sprintf("MemTotal: %20.0f kB\nMemFree: %20.0f kB\nMemAvailable: %20.0f kB\n", total, free, free),
		// The tenth number after the name is the time in ms during which requests were in flight.
		filepath.Join(f.Proc, "diskstats"):                             fmt.Sprintf(" 259       0 %s 0 0 0 0 0 0 0 0 0 %20d 0\n", disk, int64(f.diskMs)),
		filepath.Join(f.Sys, "class/net", port, "statistics/rx_bytes"): fmt.Sprintf("%20d\n", int64(f.received)),
	})
}

// writePods writes the control groups of the pods, and removes those of pods that have ended.
func (f *Files) writePods(seconds float64, used usage.Usage) error {
	before := f.podSeconds
	f.podSeconds = make(map[types.UID]float64, len(used.Pods))
	for _, pod := range used.Pods {
		if earlier, found := before[pod.UID]; found {
			f.podSeconds[pod.UID] = earlier + seconds*pod.CPUCores
		} else {
			f.podSeconds[pod.UID] = 0
		}
		group := f.podGroup(pod.UID)
		if err := f.write(map[string]string{
			filepath.Join(group, "memory.current"): fmt.Sprintf("%20.0f\n", pod.MemoryBytes),
			filepath.Join(group, "memory.stat"):    "inactive_file 0\n",
			filepath.Join(group, "cpu.stat"):       fmt.Sprintf("usage_usec %20.0f\n", f.podSeconds[pod.UID]*1e6),
		}); err != nil {
			return err
		}
	}
	for uid := range before {
		if _, found := f.podSeconds[uid]; found {
			continue
		}
		group := f.podGroup(uid)
		if err := os.RemoveAll(group); err != nil {
			return err
		}
		for path := range f.written {
			if strings.HasPrefix(path, group+"/") {
				delete(f.written, path)
			}
		}
	}
	return nil
}

func (f *Files) podGroup(uid types.UID) string {
	return filepath.Join(f.Sys, podGroups, "pod"+string(uid))
}

// write writes files that changed.
func (f *Files) write(files map[string]string) error {
	if f.written == nil {
		f.written = map[string]string{}
	}
	for path, content := range files {
		earlier, found := f.written[path]
		if found && earlier == content {
			continue
		}
		write := replace
		if found && len(earlier) == len(content) {
			write = overwrite
		}
		if err := write(path, content); err != nil {
			return err
		}
		f.written[path] = content
	}
	return nil
}

// replace creates a file, or replaces it by another one. A reader sees the earlier content or the new one.
func replace(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", []byte(content), 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// overwrite writes content of the same length into a file. It costs less than a tenth of replace, and less than a page is copied at once.
func overwrite(path, content string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteAt([]byte(content), 0)
	return errors.Join(err, file.Close())
}
