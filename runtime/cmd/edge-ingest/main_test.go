package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/postgrestest"
)

// The test binary is edge-ingest if this variable is set.
const runIngest = "SKERRY_TEST_RUN_EDGE_INGEST"

var (
	seedFlag   = flag.Uint64("seed", 0, "seed of the random tests (default: random)")
	roundsFlag = flag.Int("rounds", 0, "rounds of the tests that kill processes (default: 40, or 8 with -short)")
)

func TestMain(m *testing.M) {
	if os.Getenv(runIngest) != "" {
		main()
		return
	}
	flag.Parse()
	os.Exit(m.Run())
}

// randomOf returns random numbers whose seed the test prints.
func randomOf(t *testing.T) *rand.Rand {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("repeat with -run '^%s$' -seed %d", t.Name(), seed)
	return rand.New(rand.NewPCG(seed, 0))
}

func rounds() int {
	switch {
	case *roundsFlag > 0:
		return *roundsFlag
	case testing.Short():
		return 8
	}
	return 40
}

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

// program is edge-ingest as a process.
type program struct {
	t         *testing.T
	arguments []string
	http      string
	command   *exec.Cmd
	log       *logBuffer
}

// logBuffer keeps the end of a log.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBuffer) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.text.Len() > 64<<10 {
		l.text.Reset()
	}
	return l.text.Write(text)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newProgram(t *testing.T, broker, location string, arguments ...string) *program {
	t.Helper()
	p := &program{t: t, http: freeAddress(t), log: &logBuffer{}}
	p.arguments = append([]string{
		"--broker", broker, "--database", location, "--http-address", p.http, "--client-id", fmt.Sprintf("ingest-%s", p.http),
	}, arguments...)
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("edge-ingest:\n%s", p.log)
		}
	})
	return p
}

func (p *program) start() {
	p.t.Helper()
	p.command = exec.Command(os.Args[0], p.arguments...)
	p.command.Env = append(os.Environ(), runIngest+"=1")
	p.command.Stderr = p.log
	if err := p.command.Start(); err != nil {
		p.t.Fatal(err)
	}
}

func (p *program) kill() {
	if p.command != nil {
		_ = p.command.Process.Kill()
		_ = p.command.Wait()
		p.command = nil
	}
}

// terminate ends the program with SIGTERM.
func (p *program) terminate() {
	p.t.Helper()
	_ = p.command.Process.Signal(syscall.SIGTERM)
	if err := p.command.Wait(); err != nil {
		p.t.Fatalf("after SIGTERM: %v", err)
	}
	p.command = nil
}

// get returns the status and the body of an endpoint.
func (p *program) get(path string) (int, string) {
	client := http.Client{Timeout: 5 * time.Second}
	response, err := client.Get("http://" + p.http + path)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(body)
}

func (p *program) awaitReady() {
	p.t.Helper()
	await(p.t, "edge-ingest is ready", func() bool {
		status, _ := p.get("/readyz")
		return status == http.StatusOK
	})
}

// await waits for a condition.
func await(t *testing.T, what string, met func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !met(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
