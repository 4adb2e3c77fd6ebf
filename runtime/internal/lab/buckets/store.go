// Package buckets stores objects like the object storage of a cloud. They outlive machines and clusters.
package buckets

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Errors of requests for an object.
var (
	ErrInvalidKey = errors.New("invalid object: bucket and key must be a path of a-z, A-Z, 0-9, _, . and -")
	ErrNotFound   = errors.New("object not found")
)

var keyPattern = regexp.MustCompile(`^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$`)

// Object describes a stored object.
type Object struct {
	Key          string            `json:"key"`
	Size         int64             `json:"size"`
	LastModified time.Time         `json:"lastModified"`
	Metadata     map[string]string `json:"metadata"`
}

// Store keeps each object in one file: its metadata as a line of JSON, and then its content.
type Store struct{ dir string }

// Open returns the store in a directory.
func Open(dir string) *Store { return &Store{dir} }

func (s *Store) path(bucket, key string) (string, error) {
	name := bucket + "/" + key
	if !keyPattern.MatchString(name) {
		return "", ErrInvalidKey
	}
	for segment := range strings.SplitSeq(name, "/") {
		if strings.Trim(segment, ".") == "" {
			return "", ErrInvalidKey
		}
	}
	return filepath.Join(s.dir, filepath.FromSlash(name)), nil
}

// Put stores an object. A killed process leaves the old object or the new one.
func (s *Store) Put(bucket, key string, content []byte, metadata map[string]string) error {
	path, err := s.path(bucket, key)
	if err != nil {
		return err
	}
	header, err := json.Marshal(metadata)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	// Keys contain no tilde.
	part, err := os.CreateTemp(filepath.Dir(path), "~")
	if err != nil {
		return err
	}
	_, err = part.Write(slices.Concat(header, []byte("\n"), content))
	err = errors.Join(err, part.Sync(), part.Close())
	if err == nil {
		err = os.Rename(part.Name(), path)
	}
	if err != nil {
		_ = os.Remove(part.Name())
	}
	return err
}

// Get returns the content of an object.
func (s *Store) Get(bucket, key string) ([]byte, error) {
	path, err := s.path(bucket, key)
	if err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s/%s", ErrNotFound, bucket, key)
	}
	_, content, _ := bytes.Cut(raw, []byte("\n"))
	return content, err
}

// Delete deletes an object. It succeeds if there is none.
func (s *Store) Delete(bucket, key string) error {
	path, err := s.path(bucket, key)
	if err != nil {
		return err
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// List returns the objects in a folder of a bucket and below, sorted by key. A missing bucket has none.
func (s *Store) List(bucket, folder string) ([]Object, error) {
	path, err := s.path(bucket, folder)
	if err != nil {
		return nil, err
	}
	objects := []Object{}
	err = filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case entry.IsDir(), strings.HasPrefix(entry.Name(), "~"):
			return nil
		}
		object, err := describe(file)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		relative, err := filepath.Rel(filepath.Join(s.dir, bucket), file)
		object.Key = filepath.ToSlash(relative)
		objects = append(objects, object)
		return err
	})
	return objects, err
}

func describe(path string) (Object, error) {
	file, err := os.Open(path)
	if err != nil {
		return Object{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return Object{}, err
	}
	header, err := bufio.NewReader(file).ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return Object{}, err
	}
	object := Object{Size: info.Size() - int64(len(header)), LastModified: info.ModTime().UTC()}
	return object, json.Unmarshal(header, &object.Metadata)
}
