package main

import (
	"os"
	"path/filepath"
	"slices"
	"time"
)

// writeBatches is the physical limit: so many payloads in one write and one fsync, and nothing else.
func writeBatches(folder string, bytes, batch int, limit time.Duration) (rate, error) {
	file, err := os.Create(filepath.Join(folder, "disk"))
	if err != nil {
		return rate{}, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	data := make([]byte, bytes*batch)
	count := int64(0)
	started := time.Now()
	for time.Since(started) < limit {
		if _, err := file.Write(data); err != nil {
			return rate{}, err
		}
		if err := file.Sync(); err != nil {
			return rate{}, err
		}
		count += int64(batch)
	}
	return rate{Messages: count, PerSecond: float64(count) / time.Since(started).Seconds()}, nil
}

func median(times [][]time.Duration) float64 {
	all := slices.Concat(times...)
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return float64(all[len(all)/2].Microseconds()) / 1000
}
