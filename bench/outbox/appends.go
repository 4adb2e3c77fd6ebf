package main

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

type appendResult struct {
	Store     string  `json:"store"`
	Bytes     int     `json:"bytes"`
	Producers int     `json:"producers"`
	PerSecond float64 `json:"perSecond"`
	// CPUPerMessage is the processor time of the process, in microseconds.
	CPUPerMessage float64 `json:"cpuPerMessage"`
}

// measureAppends lets producers append for a while, each one message at a time.
func measureAppends(name, folder string, bytes, producers int, duration time.Duration) (appendResult, error) {
	run := func() (int64, error) { return produce(name, folder, bytes, producers, duration) }
	if name == "disk" {
		run = func() (int64, error) { return writeBatches(folder, bytes, producers, duration) }
	}
	started, used := time.Now(), processorTime()
	count, err := run()
	if err != nil {
		return appendResult{}, err
	}
	return appendResult{
		Store: name, Bytes: bytes, Producers: producers, PerSecond: float64(count) / time.Since(started).Seconds(),
		CPUPerMessage: float64((processorTime() - used).Microseconds()) / float64(count),
	}, nil
}

func produce(name, folder string, bytes, producers int, duration time.Duration) (int64, error) {
	opened, err := openStore(name, folder)
	if err != nil {
		return 0, err
	}
	var count atomic.Int64
	var all sync.WaitGroup
	failures := make(chan error, producers)
	deadline := time.Now().Add(duration)
	for range producers {
		all.Go(func() {
			payload := make([]byte, bytes)
			for time.Now().Before(deadline) {
				if err := opened.append(payload); err != nil {
					failures <- err
					return
				}
				count.Add(1)
			}
		})
	}
	all.Wait()
	close(failures)
	return count.Load(), errors.Join(<-failures, opened.close())
}

// writeBatches is the physical limit: the payloads of all producers in one write and one fsync, and nothing else.
func writeBatches(folder string, bytes, producers int, duration time.Duration) (int64, error) {
	file, err := os.Create(filepath.Join(folder, "disk"))
	if err != nil {
		return 0, err
	}
	defer file.Close()
	data := make([]byte, bytes*producers)
	count := int64(0)
	for deadline := time.Now().Add(duration); time.Now().Before(deadline); count += int64(producers) {
		if _, err := file.Write(data); err != nil {
			return 0, err
		}
		if err := file.Sync(); err != nil {
			return 0, err
		}
	}
	return count, nil
}
