package main

import (
	"errors"
	"io/fs"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

type fillResult struct {
	Store    string `json:"store"`
	Messages int    `json:"messages"`
	// DiskBytes is the space that the files take.
	DiskBytes int64 `json:"diskBytes"`
	// Appending is the resident memory before the store is closed.
	Appending memory `json:"appending"`
}

// fill appends messages from 256 producers.
func fill(name, folder string, bytes, messages int) (fillResult, error) {
	const producers = 256
	opened, err := openStore(name, folder)
	if err != nil {
		return fillResult{}, err
	}
	var all sync.WaitGroup
	failures := make(chan error, producers)
	for producer := range producers {
		all.Go(func() {
			payload := make([]byte, bytes)
			for n := producer; n < messages; n += producers {
				if err := opened.append(payload); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	all.Wait()
	close(failures)
	appending, err := readMemory()
	if err := errors.Join(<-failures, err, opened.close()); err != nil {
		return fillResult{}, err
	}
	size, err := diskUsage(folder)
	return fillResult{Store: name, Messages: messages, DiskBytes: size, Appending: appending}, err
}

func diskUsage(folder string) (int64, error) {
	var total int64
	err := filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().IsRegular() {
			total += info.Sys().(*syscall.Stat_t).Blocks * 512
		}
		return err
	})
	return total, err
}

type openResult struct {
	Store    string `json:"store"`
	Messages int    `json:"messages"`
	// OpenSeconds is the time until the first message can be appended, ReadSeconds that to read all messages.
	OpenSeconds float64 `json:"openSeconds"`
	ReadSeconds float64 `json:"readSeconds"`
	// Opened is the memory after opening and one append, Read that after reading all messages.
	Opened memory `json:"opened"`
	Read   memory `json:"read"`
}

// measureOpen opens a store, appends one message, and reads all.
func measureOpen(name, folder string) (openResult, error) {
	result := openResult{Store: name}
	started := time.Now()
	opened, err := openStore(name, folder)
	if err != nil {
		return result, err
	}
	if err := opened.append([]byte("x")); err != nil {
		return result, err
	}
	result.OpenSeconds = time.Since(started).Seconds()
	if result.Opened, err = readMemory(); err != nil {
		return result, err
	}
	started = time.Now()
	if result.Messages, err = opened.read(); err != nil {
		return result, err
	}
	result.ReadSeconds = time.Since(started).Seconds()
	if result.Read, err = readMemory(); err != nil {
		return result, err
	}
	return result, opened.close()
}
