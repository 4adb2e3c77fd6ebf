package main

import (
	"path/filepath"
	"testing"

	"github.com/skerry-dev/skerry/runtime/internal/postgrestest"
	"github.com/skerry-dev/skerry/runtime/internal/programtest"
)

// The test binary is edge-ingest if this variable is set.
const runIngest = "SKERRY_TEST_RUN_EDGE_INGEST"

func TestMain(m *testing.M) { programtest.Main(m, runIngest, main) }

// database is where a test stores messages.
type database struct {
	location string
	// kill and run are nil if the database is a file.
	kill func()
	run  func(*testing.T)
}

// forEachDatabase runs a test with SQLite, and with a PostgreSQL of its own if it can be had.
func forEachDatabase(t *testing.T, run func(*testing.T, database)) {
	t.Run("SQLite", func(t *testing.T) { run(t, database{location: "sqlite:" + filepath.Join(t.TempDir(), "messages.db")}) })
	t.Run("PostgreSQL", func(t *testing.T) {
		server := postgrestest.Start(t)
		run(t, database{location: server.URL("postgres"), kill: server.Kill, run: func(t *testing.T) {
			t.Helper()
			if err := server.Run(); err != nil {
				t.Fatal(err)
			}
		}})
	})
}

func newProgram(t *testing.T, broker, location string, arguments ...string) *programtest.Program {
	t.Helper()
	address := programtest.FreeAddress()
	return programtest.New(t, runIngest, address, append([]string{
		"--broker", broker, "--database", location, "--http-address", address, "--client-id", "ingest-" + address,
	}, arguments...)...)
}
