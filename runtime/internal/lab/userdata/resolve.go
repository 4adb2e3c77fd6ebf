package userdata

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/skerry-dev/skerry/runtime/internal/lab/token"
)

// Store is where a machine reads its secrets.
type Store interface {
	// Get returns the value of a parameter.
	Get(name string) (string, error)
}

// Resolve reads the files of the machine that are parameters, and the tokens that its configuration takes from files. Its
// error names every parameter that is missing or malformed, and contains no value.
func (m *Machine) Resolve(store Store) error {
	var problems []error
	parameters := map[string]string{}
	for _, file := range m.Document.Files {
		name := m.Document.FullName(file.Parameter)
		parameters[file.Path] = name
		value, err := store.Get(name)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", file.Path, err))
			continue
		}
		m.files[file.Path] = []byte(value)
	}
	if len(problems) > 0 {
		return errors.Join(problems...)
	}
	for _, key := range []string{"token", "agent-token"} {
		file := m.Config.String(key+"-file", "")
		if file == "" {
			continue
		}
		content, found := m.files[file]
		if !found {
			problems = append(problems, fmt.Errorf("%s-file: no file %s: K3s would wait for it", key, file))
			continue
		}
		text := strings.TrimSpace(string(content))
		if _, err := token.Parse(text); err != nil {
			problems = append(problems, fmt.Errorf("%s (parameter %s): %w", file, parameters[file], err))
			continue
		}
		m.Config[key] = text
	}
	return errors.Join(problems...)
}

// TLS returns the files in K3s's directory server/tls, by relative path.
func (m *Machine) TLS() map[string][]byte {
	files := map[string][]byte{}
	for path, content := range m.files {
		if name, ok := strings.CutPrefix(path, serverTLS); ok {
			files[name] = content
		}
	}
	return files
}

// PlainFiles returns the other files that user data writes, by absolute path: neither secrets nor what the lab itself reads.
func (m *Machine) PlainFiles() map[string][]byte {
	files := maps.Clone(m.files)
	maps.DeleteFunc(files, func(path string, _ []byte) bool {
		return isConfig(path) || path == documentFile || strings.HasPrefix(path, serverTLS)
	})
	for _, file := range m.Document.Files {
		delete(files, file.Path)
	}
	return files
}
