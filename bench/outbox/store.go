package main

import (
	"fmt"
	"path/filepath"
)

// store keeps messages durably.
type store interface {
	// append returns when the message is on disk.
	append(payload []byte) error
	// read reads all messages, oldest first, and returns their number.
	read() (int, error)
	close() error
}

// openStore opens a store by its name.
func openStore(name, folder string) (store, error) {
	switch name {
	case "outbox":
		return openOutbox(folder)
	case "bbolt":
		return openBolt(filepath.Join(folder, "bolt"), (*bolt).appendGrouped)
	case "bbolt-batch":
		return openBolt(filepath.Join(folder, "bolt"), (*bolt).appendBatch)
	case "sqlite":
		return openSQLite(filepath.Join(folder, "sqlite"), (*sqlite).appendGrouped)
	case "sqlite-single":
		return openSQLite(filepath.Join(folder, "sqlite"), (*sqlite).appendSingle)
	}
	return nil, fmt.Errorf("store %q: must be one of outbox, bbolt, bbolt-batch, sqlite, sqlite-single", name)
}
