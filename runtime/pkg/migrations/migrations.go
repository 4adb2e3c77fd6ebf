// Package migrations reads the migrations of a database's schema.
package migrations

import (
	"errors"
	"fmt"
	"io/fs"
)

// ErrNewerSchema means that a newer program has migrated the database.
var ErrNewerSchema = errors.New("the database has a newer schema than this program")

// Migration leads from the version before it to its own.
type Migration struct {
	Version int
	// Name is the name of its file.
	Name string
	// Text is one or more SQL statements.
	Text string
}

// After returns the migrations that a database with a version lacks. Migrations are the *.sql files of a folder in the order of
// their names; the first one leads to version 1. It returns ErrNewerSchema if the version is higher than the last one.
func After(files fs.FS, version int) ([]Migration, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	if version > len(names) {
		return nil, fmt.Errorf("%w: version %d, the newest known is %d", ErrNewerSchema, version, len(names))
	}
	var missing []Migration
	for index, name := range names[version:] {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		missing = append(missing, Migration{Version: version + index + 1, Name: name, Text: string(text)})
	}
	return missing, nil
}
