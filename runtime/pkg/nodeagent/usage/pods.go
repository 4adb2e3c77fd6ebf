package usage

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// podFolder matches the control group of a pod, as both drivers of the kubelet name it. systemd's has underscores.
var podFolder = regexp.MustCompile(`pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12})(\.slice)?$`)

// podCounters is the usage of one pod.
type podCounters struct {
	// cpu is the CPU time in ns.
	cpu   uint64
	bytes float64
}

// PodUsage is the mean CPU usage of a pod over a window, and its memory at the end of it.
type PodUsage struct {
	UID          string
	Cores, Bytes float64
}

// readPods returns the usage of each pod by UID. Memory is the working set, as in metrics-server: what is in use except
// file pages that were not used lately.
func readPods(sys string) map[string]podCounters {
	root := filepath.Join(sys, "fs/cgroup")
	pods := map[string]podCounters{}
	if _, err := os.Stat(filepath.Join(root, "cgroup.controllers")); err == nil {
		for uid, folder := range podFolders(root) {
			if content, err := readFile(filepath.Join(folder, "cpu.stat")); err == nil {
				if used, ok := readField(content, "usage_usec"); ok {
					pods[uid] = podCounters{cpu: used * 1e3, bytes: workingSet(folder, "memory.current", "inactive_file")}
				}
			}
		}
		return pods
	}
	memory := podFolders(filepath.Join(root, "memory"))
	for _, controller := range []string{"cpuacct", "cpu,cpuacct"} {
		for uid, folder := range podFolders(filepath.Join(root, controller)) {
			if used, ok := readCounter(filepath.Join(folder, "cpuacct.usage")); ok && memory[uid] != "" {
				pods[uid] = podCounters{cpu: used, bytes: workingSet(memory[uid], "memory.usage_in_bytes", "total_inactive_file")}
			}
		}
	}
	return pods
}

// podFolders returns the control group of each pod below a hierarchy, by UID. Guaranteed pods are at the first level, others
// below their class.
func podFolders(hierarchy string) map[string]string {
	folders := map[string]string{}
	for _, root := range []string{"kubepods", "kubepods.slice"} {
		collectPodFolders(filepath.Join(hierarchy, root), 2, folders)
	}
	return folders
}

func collectPodFolders(folder string, depth int, folders map[string]string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		if match := podFolder.FindStringSubmatch(entry.Name()); match != nil {
			folders[strings.ReplaceAll(match[1], "_", "-")] = path
		} else if entry.IsDir() && depth > 1 {
			collectPodFolders(path, depth-1, folders)
		}
	}
}

func workingSet(folder, usageFile, inactiveKey string) float64 {
	used, _ := readNumber(filepath.Join(folder, usageFile))
	content, err := readFile(filepath.Join(folder, "memory.stat"))
	if err != nil {
		return used
	}
	inactive, _ := readField(content, inactiveKey)
	return max(0, used-float64(inactive))
}

func readCounter(path string) (uint64, bool) {
	content, err := readFile(path)
	if err != nil {
		return 0, false
	}
	number, err := strconv.ParseUint(strings.TrimSpace(string(content)), 10, 64)
	return number, err == nil
}

// podUsage returns the usage of the pods that both readings contain, sorted by UID.
func podUsage(before, after map[string]podCounters, cores int, elapsed time.Duration) []PodUsage {
	limit := 1.1 * float64(cores) * float64(elapsed.Nanoseconds())
	var pods []PodUsage
	for uid, now := range after {
		earlier, found := before[uid]
		if !found {
			continue
		}
		if grown, ok := increase(earlier.cpu, now.cpu, limit); ok {
			pods = append(pods, PodUsage{UID: uid, Cores: grown / float64(elapsed.Nanoseconds()), Bytes: now.bytes})
		}
	}
	slices.SortFunc(pods, func(a, b PodUsage) int { return cmp.Compare(a.UID, b.UID) })
	return pods
}
