// Package postgrestest runs PostgreSQL servers for tests.
package postgrestest

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/programtest"
	"github.com/skerry-dev/skerry/runtime/internal/testprograms"
)

// Server is a PostgreSQL server on a port of its own. Its superuser is postgres, without a password.
type Server struct {
	port    string
	folder  string
	data    string
	command *exec.Cmd
}

// Start starts a server that ends with the test. It skips the test if PostgreSQL cannot be had.
func Start(t testing.TB) *Server {
	t.Helper()
	server, reason := New()
	if reason != "" {
		t.Skip(reason)
	}
	t.Cleanup(server.Remove)
	return server
}

// New starts a server, or returns why that is impossible.
func New() (server *Server, reason string) {
	programs, err := testprograms.Ensure("ensure-postgres")
	if err != nil {
		return nil, err.Error()
	}
	folder, err := os.MkdirTemp("", "postgres")
	if err != nil {
		return nil, err.Error()
	}
	s := &Server{folder: programs[0], data: filepath.Join(folder, "data")}
	if err := s.initialize(folder); err != nil {
		return nil, err.Error()
	}
	return s, ""
}

func (s *Server) initialize(folder string) error {
	if identity := unprivileged(); identity != nil {
		if err := os.Chown(folder, int(identity.Uid), int(identity.Gid)); err != nil {
			return err
		}
	}
	initialize := s.program("initdb", "--pgdata", s.data, "--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
	if output, err := initialize.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, output)
	}
	_, s.port, _ = net.SplitHostPort(programtest.FreeAddress())
	return s.Run()
}

// program returns a command that runs without root's privileges, which PostgreSQL refuses.
func (s *Server) program(name string, arguments ...string) *exec.Cmd {
	command := exec.Command(filepath.Join(s.folder, name), arguments...)
	command.Dir = filepath.Dir(s.data)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if identity := unprivileged(); identity != nil {
		command.SysProcAttr.Credential = identity
	}
	return command
}

// unprivileged returns the identity to use instead of root, or nil.
func unprivileged() *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if found, err := user.Lookup(name); err == nil {
			uid, _ := strconv.ParseUint(found.Uid, 10, 32)
			gid, _ := strconv.ParseUint(found.Gid, 10, 32)
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	return &syscall.Credential{Uid: 65534, Gid: 65534}
}

// Run starts the server after Kill and waits until it answers.
func (s *Server) Run() error {
	var log bytes.Buffer
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if s.command == nil {
			log.Reset()
			if err := s.start(&log); err != nil {
				return err
			}
		}
		if s.program("pg_isready", "-q", "-h", "127.0.0.1", "-p", s.port, "-U", "postgres").Run() == nil {
			return nil
		}
		// After a kill, the server does not start while a child of the old one lives.
		var status syscall.WaitStatus
		if pid, _ := syscall.Wait4(s.command.Process.Pid, &status, syscall.WNOHANG, nil); pid > 0 {
			s.command = nil
		}
	}
	return fmt.Errorf("PostgreSQL does not start: %s", log.String())
}

// Start starts the server and does not wait for it.
func (s *Server) Start() error { return s.start(nil) }

func (s *Server) start(log io.Writer) error {
	if err := s.removeTornLocks(); err != nil {
		return err
	}
	s.command = s.program("postgres", "-D", s.data, "-p", s.port, "-h", "127.0.0.1", "-k", filepath.Dir(s.data), "-c", "max_connections=50")
	s.command.Stderr = log
	return s.command.Start()
}

// removeTornLocks removes the lock files that a server had created and not yet written when it was killed. PostgreSQL does not
// start with one that is empty, and leaves it to an operator to remove it.
func (s *Server) removeTornLocks() error {
	for _, lock := range s.locks() {
		if info, err := os.Stat(lock); err == nil && info.Size() == 0 {
			if err := os.Remove(lock); err != nil {
				return err
			}
		}
	}
	return nil
}

// locks returns the lock files of the data directory and of the socket.
func (s *Server) locks() []string {
	return []string{filepath.Join(s.data, "postmaster.pid"), filepath.Join(filepath.Dir(s.data), ".s.PGSQL."+s.port+".lock")}
}

// Kill kills the server with all its processes, as when its container is killed.
func (s *Server) Kill() {
	if s.command == nil {
		return
	}
	pid := s.command.Process.Pid
	_ = syscall.Kill(-pid, syscall.SIGKILL)
	_ = s.command.Wait()
	s.command = nil
	// The children of the server are not ours to wait for.
	for syscall.Kill(-pid, 0) == nil {
		time.Sleep(time.Millisecond)
	}
}

// Remove kills the server and deletes its data.
func (s *Server) Remove() {
	s.Kill()
	_ = os.RemoveAll(filepath.Dir(s.data))
}

// URL returns the location of a database.
func (s *Server) URL(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%s/%s?sslmode=disable", s.port, database)
}

// Command runs an SQL command in a database and returns what psql prints.
func (s *Server) Command(database, text string) (string, error) {
	output, err := s.program("psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", s.URL(database), "-c", text).CombinedOutput()
	return strings.TrimSpace(string(output)), err
}
