// Package programtest runs programs as processes that tests kill.
package programtest

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/delaynet"
)

// Program is a program as a process.
type Program struct {
	// Namespace is the network namespace that the program starts in. Empty means that of this process.
	Namespace string

	t           *testing.T
	file        string
	environment []string
	arguments   []string
	address     string
	command     *exec.Cmd
	log         *Log
}

// Log keeps the end of a log.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *Log) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.text.Len() > 64<<10 {
		l.text.Reset()
	}
	return l.text.Write(text)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Main runs tests, or main if a variable of the environment is set. It is the TestMain of a package whose test binary is also
// its program.
func Main(m *testing.M, variable string, main func()) {
	if os.Getenv(variable) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// New returns the binary of the test as a program: Main calls main if a variable of the environment is set.
func New(t *testing.T, variable, address string, arguments ...string) *Program {
	t.Helper()
	p := NewFromFile(t, os.Args[0], address, arguments...)
	p.environment = []string{variable + "=1"}
	return p
}

// NewFromFile returns a program that is not started yet. Its health is served at an address. It is killed when the test ends.
func NewFromFile(t *testing.T, file, address string, arguments ...string) *Program {
	t.Helper()
	p := &Program{t: t, file: file, arguments: arguments, address: address, log: &Log{}}
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("%s:\n%s", strings.Join(arguments, " "), p.log)
		}
	})
	return p
}

// Start starts the program.
func (p *Program) Start() {
	p.t.Helper()
	p.command = delaynet.Command(p.Namespace, p.file, p.arguments...)
	p.command.Env = append(os.Environ(), p.environment...)
	p.command.Stderr = p.log
	if err := p.command.Start(); err != nil {
		p.t.Fatal(err)
	}
}

// Kill kills the program.
func (p *Program) Kill() {
	if p.command != nil {
		_ = p.command.Process.Kill()
		_ = p.command.Wait()
		p.command = nil
	}
}

// Terminate ends the program with SIGTERM.
func (p *Program) Terminate() {
	p.t.Helper()
	_ = p.command.Process.Signal(syscall.SIGTERM)
	if err := p.command.Wait(); err != nil {
		p.t.Fatalf("after SIGTERM: %v", err)
	}
	p.command = nil
}

// Get returns the status and the body of an endpoint.
func (p *Program) Get(path string) (int, string) {
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
		return delaynet.Dial(ctx, p.Namespace, address)
	}}
	client := http.Client{Timeout: 5 * time.Second, Transport: transport}
	response, err := client.Get("http://" + p.address + path)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(body)
}

// AwaitReady waits until /readyz succeeds.
func (p *Program) AwaitReady() {
	p.t.Helper()
	Await(p.t, "the program is ready", func() bool {
		status, _ := p.Get("/readyz")
		return status == http.StatusOK
	})
}

// Metric returns the value of a sample, or -1.
func (p *Program) Metric(name string) float64 {
	_, body := p.Get("/metrics")
	for line := range strings.Lines(body) {
		if rest, found := strings.CutPrefix(line, name+" "); found {
			if value, err := strconv.ParseFloat(strings.TrimSpace(rest), 64); err == nil {
				return value
			}
		}
	}
	return -1
}

// Await waits for a condition, for a minute at most.
func Await(t *testing.T, what string, met func() bool) {
	t.Helper()
	AwaitWithin(t, time.Minute, what, met)
}

// AwaitWithin waits for a condition.
func AwaitWithin(t *testing.T, limit time.Duration, what string, met func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !met(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", limit, what)
		}
	}
}

// FreeAddress returns a loopback address that nothing uses. Its port is below those that the kernel gives to clients: a client
// that tries to reach a port there while nothing listens may connect to itself, and then nothing else can listen.
func FreeAddress() string {
	for {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(20_000+rand.IntN(12_000)))
		listener, err := net.Listen("tcp", address)
		if err == nil {
			_ = listener.Close()
			return address
		}
	}
}
