// Package desired decides which configuration is in force: that of a file, and the desired state from the cloud, which
// replaces parts of it. A configuration that is refused changes nothing.
package desired

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/config"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/strict"
)

const (
	// pollInterval is how often the file is looked at. Volumes of ConfigMaps replace a symbolic link, which needs no watch.
	pollInterval = 2 * time.Second
	// fileName is the file with the desired state in force, in the state folder.
	fileName = "desired.json"
)

// Report is what the agent publishes about its configuration.
type Report struct {
	Node string `json:"node"`
	// Version is that of the desired state in force, or empty without one.
	Version string `json:"version"`
	// File is the fingerprint of the file in force.
	File string `json:"file"`
	// Refused are the newer configurations that are not in force.
	Refused []Refusal `json:"refused,omitempty"`
}

// Refusal is a configuration that was refused.
type Refusal struct {
	// Source is "desired" or "file".
	Source string `json:"source"`
	// Version is the version of a desired state, or the fingerprint of a file. It is empty if it could not be read.
	Version  string          `json:"version"`
	Problems strict.Problems `json:"problems"`
}

// Store holds the configuration in force.
type Store struct {
	// Path is the configuration file.
	Path string
	// Apply puts a configuration into force. If it fails, the earlier one must be in force.
	Apply  func(config.Config) error
	Logger *slog.Logger

	offered chan []byte
	changed chan struct{}

	mu sync.Mutex
	// file and desired are in force.
	file, desired []byte
	config        config.Config
	version       string
	// refusedFile and refusedDesired are nil if the newest ones are in force.
	refusedFile, refusedDesired *Refusal
}

// Load reads the file, and the desired state that was in force before, and puts them into force. It fails if the file is
// invalid. A desired state that does not fit the file any more is refused.
func (s *Store) Load() error {
	s.offered, s.changed = make(chan []byte, 1), make(chan struct{}, 1)
	file, err := os.ReadFile(s.Path)
	if err != nil {
		return err
	}
	parsed, problems := config.Parse(file, nil)
	if len(problems) > 0 {
		return problems
	}
	stored, err := os.ReadFile(filepath.Join(parsed.StateDir, fileName))
	if err == nil {
		if refused := s.try(file, stored); refused == nil {
			return nil
		} else {
			s.refuseDesired(stored, refused)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		s.Logger.Error("the earlier desired state cannot be read; the file is in force", "err", err.Error())
	}
	if refused := s.try(file, nil); refused != nil {
		return refused
	}
	return nil
}

// Offer hands over a desired state. An empty one removes the desired state. Of several that wait, the last one counts.
func (s *Store) Offer(document []byte) {
	document = bytes.Clone(document)
	for {
		select {
		case s.offered <- document:
			return
		default:
		}
		select {
		case <-s.offered:
		default:
		}
	}
}

// Changed receives after each change of the report.
func (s *Store) Changed() <-chan struct{} { return s.changed }

// Config returns the configuration in force.
func (s *Store) Config() config.Config {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.config
}

// Reported returns the report.
func (s *Store) Reported() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	report := Report{Node: s.config.Node, Version: s.version, File: config.Fingerprint(s.file)}
	for _, each := range []*Refusal{s.refusedDesired, s.refusedFile} {
		if each != nil {
			report.Refused = append(report.Refused, *each)
		}
	}
	// The report has texts only, so there is no error.
	text, _ := json.Marshal(report)
	return text
}

// Run follows the file and what is offered until the context ends.
func (s *Store) Run(ctx context.Context) {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	seen := s.file
	for {
		select {
		case <-ctx.Done():
			return
		case document := <-s.offered:
			s.takeDesired(document)
		case <-ticker.C:
			seen = s.pollFile(seen)
		}
	}
}

// pollFile puts the file into force if it differs from what was seen before.
func (s *Store) pollFile(seen []byte) []byte {
	file, err := os.ReadFile(s.Path)
	if err != nil {
		if seen != nil {
			s.refuseFile("", strict.Problems{{Message: err.Error()}})
		}
		return nil
	}
	if bytes.Equal(file, seen) {
		return seen
	}
	if refused := s.try(file, s.desired); refused != nil {
		s.refuseFile(config.Fingerprint(file), refused)
	} else {
		s.Logger.Info("the configuration file is in force", "file", config.Fingerprint(file))
	}
	return file
}

func (s *Store) takeDesired(document []byte) {
	if len(document) == 0 {
		document = nil
	}
	if bytes.Equal(document, s.desired) {
		s.mu.Lock()
		s.refusedDesired = nil
		s.mu.Unlock()
		s.announce()
	} else if refused := s.try(s.file, document); refused != nil {
		s.refuseDesired(document, refused)
		return
	} else {
		s.Logger.Info("the desired state is in force", "version", s.version)
	}
	if err := s.keep(); err != nil {
		s.Logger.Error("the desired state is in force but will not survive a restart", "err", err.Error())
	}
}

// try puts a configuration into force, or returns why not.
func (s *Store) try(file, document []byte) strict.Problems {
	parsed, problems := config.Parse(file, document)
	if len(problems) == 0 {
		if err := s.Apply(parsed); err != nil {
			problems = strict.Problems{{Message: err.Error()}}
		}
	}
	if len(problems) > 0 {
		return problems
	}
	s.mu.Lock()
	s.file, s.desired, s.config, s.version = file, document, parsed, ""
	if document != nil {
		remote, _ := config.ParseRemote(document)
		s.version = remote.Version
		s.refusedDesired = nil
	}
	s.refusedFile = nil
	s.mu.Unlock()
	s.announce()
	return nil
}

func (s *Store) refuseDesired(document []byte, problems strict.Problems) {
	remote, _ := config.ParseRemote(document)
	s.Logger.Error("the desired state is refused; the earlier one stays in force", "version", remote.Version, "problems", problems.Error())
	s.mu.Lock()
	s.refusedDesired = &Refusal{Source: "desired", Version: remote.Version, Problems: problems}
	s.mu.Unlock()
	s.announce()
}

func (s *Store) refuseFile(fingerprint string, problems strict.Problems) {
	s.Logger.Error("the configuration file is refused; the earlier one stays in force", "file", fingerprint, "problems", problems.Error())
	s.mu.Lock()
	s.refusedFile = &Refusal{Source: "file", Version: fingerprint, Problems: problems}
	s.mu.Unlock()
	s.announce()
}

func (s *Store) announce() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// keep stores the desired state in force, so that it survives a restart without a connection.
func (s *Store) keep() error {
	path := filepath.Join(s.config.StateDir, fileName)
	if stored, err := os.ReadFile(path); err == nil && s.desired != nil && bytes.Equal(stored, s.desired) {
		return nil
	}
	if s.desired == nil {
		err := os.Remove(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	return replaceFile(path, s.desired)
}

// replaceFile writes a file so that a power cut leaves either the old or the new contents.
func replaceFile(path string, contents []byte) error {
	written, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(written.Name())
	_, err = written.Write(contents)
	if err := errors.Join(err, written.Sync(), written.Close()); err != nil {
		return err
	}
	if err := os.Rename(written.Name(), path); err != nil {
		return err
	}
	// Some systems cannot flush folders. Then the old contents may be back after a power cut.
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
	return nil
}
