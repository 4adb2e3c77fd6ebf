package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"syscall"
	"time"
)

// processorTime returns the processor time of this process.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// memory is the resident memory of a process in MiB: its own, and what it maps from files, including its program.
type memory struct {
	Anonymous float64 `json:"anonymous"`
	Mapped    float64 `json:"mapped"`
	// Peak is the largest sum so far.
	Peak float64 `json:"peak"`
}

func readMemory() (memory, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return memory{}, err
	}
	var problem error
	field := func(name string) float64 {
		found := regexp.MustCompile(`(?m)^` + name + `:\s+(\d+) kB`).FindSubmatch(status)
		if found == nil {
			problem = fmt.Errorf("/proc/self/status has no %s", name)
			return 0
		}
		value, _ := strconv.ParseFloat(string(found[1]), 64)
		return value / 1024
	}
	return memory{Anonymous: field("RssAnon"), Mapped: field("RssFile"), Peak: field("VmHWM")}, problem
}
