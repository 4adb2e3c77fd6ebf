// Package parameters stores the secrets that machines read when they boot, like the parameter store of a cloud.
package parameters

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Errors of requests for a parameter.
var (
	ErrInvalidName = errors.New("invalid parameter name: must be a path of a-z, A-Z, 0-9, _, . and -, such as /skerry/local/tokyo/agent-token")
	ErrNotFound    = errors.New("parameter not found")
)

// namePattern allows the names of AWS Parameter Store.
var namePattern = regexp.MustCompile(`^(/[A-Za-z0-9_.-]+)+$`)

const maxNameLength = 1011

// Store keeps each parameter in a file that only its owner can read. It never lists values, and its errors contain none.
type Store struct{ dir string }

// Open returns the store in a directory, which it creates if it is missing.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return &Store{dir}, nil
}

func (s *Store) path(name string) (string, error) {
	if !namePattern.MatchString(name) || len(name) > maxNameLength {
		return "", ErrInvalidName
	}
	for segment := range strings.SplitSeq(name[1:], "/") {
		if strings.Trim(segment, ".") == "" {
			return "", ErrInvalidName
		}
	}
	return filepath.Join(s.dir, filepath.FromSlash(name)), nil
}

// Get returns the value of a parameter.
func (s *Store) Get(name string) (string, error) {
	path, err := s.path(name)
	if err != nil {
		return "", err
	}
	if value, err := os.ReadFile(path); err == nil {
		return string(value), nil
	}
	return "", fmt.Errorf("%w: %s", ErrNotFound, name)
}

// Put sets the value of a parameter. A killed process leaves the old value or the new one.
func (s *Store) Put(name, value string) error {
	return s.write(name, value, os.Rename)
}

// Create sets the value of a parameter that does not exist yet. Of several concurrent calls, one succeeds. It returns the
// value that the parameter has afterwards.
func (s *Store) Create(name, value string) (string, error) {
	err := s.write(name, value, func(part, path string) error {
		defer os.Remove(part)
		return os.Link(part, path)
	})
	if errors.Is(err, fs.ErrExist) {
		return s.Get(name)
	}
	return value, err
}

// write writes the value to a new file, which publish gives its name.
func (s *Store) write(name, value string, publish func(part, path string) error) error {
	path, err := s.path(name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("%s: a parameter must not contain another", name)
	}
	// Names of parameters contain no tilde.
	part, err := os.CreateTemp(filepath.Dir(path), "~")
	if err != nil {
		return err
	}
	_, err = part.WriteString(value)
	err = errors.Join(err, part.Sync(), part.Close())
	if err == nil {
		err = publish(part.Name(), path)
	}
	if err != nil {
		_ = os.Remove(part.Name())
	}
	return err
}

// Delete deletes a parameter. If the name ends in a slash, it deletes all parameters below it. It succeeds if there is none.
func (s *Store) Delete(name string) error {
	path, err := s.path(strings.TrimSuffix(name, "/"))
	if err != nil {
		return err
	}
	if strings.HasSuffix(name, "/") {
		return os.RemoveAll(path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: must be a parameter, not a folder of parameters", name)
	}
	return nil
}
