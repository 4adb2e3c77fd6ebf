package ingest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/skerry-dev/skerry/runtime/internal/postgrestest"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

var (
	// server is shared by the tests. Each uses a database of its own.
	server        *postgrestest.Server
	serverMissing string
	databases     atomic.Int32
)

func TestMain(m *testing.M) {
	server, serverMissing = postgrestest.New()
	code := m.Run()
	if server != nil {
		server.Remove()
	}
	os.Exit(code)
}

// database is a store and a way to ask it.
type database struct {
	Store
	query func(t rapidT, text string) [][]any
	exec  func(t rapidT, text string)
}

// rapidT is what testing.T and rapid.T have in common.
type rapidT interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Context() context.Context
}

// forEachStore runs a test with SQLite, and with PostgreSQL if it can be had.
func forEachStore(t *testing.T, run func(*testing.T, database)) {
	t.Run("SQLite", func(t *testing.T) { run(t, openTestSQLite(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { run(t, openTestPostgres(t)) })
}

func openTestSQLite(t *testing.T) database {
	t.Helper()
	opened, err := OpenStore("sqlite:"+filepath.Join(t.TempDir(), "messages.db"), "")
	if err != nil {
		t.Fatal(err)
	}
	prepare(t, opened)
	file := opened.(*sqliteStore).database
	return database{
		Store: opened,
		query: func(t rapidT, text string) [][]any {
			t.Helper()
			rows, err := file.Query(text)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = rows.Close() }()
			columns, _ := rows.Columns()
			var found [][]any
			for rows.Next() {
				row, pointers := make([]any, len(columns)), make([]any, len(columns))
				for index := range row {
					pointers[index] = &row[index]
				}
				if err := rows.Scan(pointers...); err != nil {
					t.Fatal(err)
				}
				found = append(found, row)
			}
			return found
		},
		exec: func(t rapidT, text string) {
			t.Helper()
			if _, err := file.Exec(text); err != nil {
				t.Fatal(err)
			}
		},
	}
}

// newPostgresDatabase returns the location of a new database.
func newPostgresDatabase(t *testing.T) string {
	t.Helper()
	if server == nil {
		t.Skip(serverMissing)
	}
	name := fmt.Sprintf("test%d", databases.Add(1))
	if output, err := server.Command("postgres", "CREATE DATABASE "+name); err != nil {
		t.Fatal(err, output)
	}
	return server.URL(name)
}

func openTestPostgres(t *testing.T) database {
	t.Helper()
	opened, err := OpenStore(newPostgresDatabase(t), "")
	if err != nil {
		t.Fatal(err)
	}
	prepare(t, opened)
	pool := opened.(*postgresStore).pool
	return database{
		Store: opened,
		query: func(t rapidT, text string) [][]any {
			t.Helper()
			rows, err := pool.Query(t.Context(), text)
			if err != nil {
				t.Fatal(err)
			}
			found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]any, error) { return row.Values() })
			if err != nil {
				t.Fatal(err)
			}
			return found
		},
		exec: func(t rapidT, text string) {
			t.Helper()
			if _, err := pool.Exec(t.Context(), text); err != nil {
				t.Fatal(err)
			}
		},
	}
}

func prepare(t *testing.T, opened Store) {
	t.Helper()
	t.Cleanup(opened.Close)
	if err := opened.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// text returns rows as lines of values.
func text(rows [][]any) string {
	var lines []string
	for _, row := range rows {
		var values []string
		for _, value := range row {
			if raw, isBytes := value.([]byte); isBytes {
				value = string(raw)
			}
			values = append(values, fmt.Sprint(value))
		}
		lines = append(lines, strings.Join(values, " "))
	}
	return strings.Join(lines, "\n")
}

// key returns a key of the first epoch of a class.
func key(sequence uint64) outbox.Key {
	return outbox.Key{Node: "gateway-1", Class: "telemetry", Epoch: outbox.Epoch{Number: 1, Token: 1}, Sequence: sequence}
}

// deliver returns the delivery of a message.
func deliver(key outbox.Key, event edgeevents.Event) Delivery {
	if event.Type == "" {
		event.Type = "test"
	}
	body, err := event.Encode()
	if err != nil {
		panic(err)
	}
	return Delivery{Topic: edgeevents.UpTopic(key.Node, key.Class), Payload: edgeevents.Seal(key, body), At: time.Now()}
}

func mustWrite(t rapidT, to Store, deliveries ...Delivery) Result {
	t.Helper()
	result, err := Write(t.Context(), to, deliveries)
	if err != nil {
		t.Fatal(err)
	}
	return result
}
