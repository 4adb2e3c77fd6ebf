package balancer

import (
	"bufio"
	"fmt"
	"net"
	"testing"
	"time"
)

// startServer starts a server that sends its name, and then echoes lines.
func startServer(t *testing.T, name string) (address string, stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer connection.Close()
				fmt.Fprintln(connection, name)
				for lines := bufio.NewScanner(connection); lines.Scan(); {
					fmt.Fprintln(connection, lines.Text())
				}
			}()
		}
	}()
	stop = func() { _ = listener.Close() }
	t.Cleanup(stop)
	return listener.Addr().String(), stop
}

func start(t *testing.T) *Balancer {
	t.Helper()
	b, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

type client struct {
	net.Conn
	lines *bufio.Reader
}

// connect returns a connection and the name of its server, which is empty if the balancer closed the connection.
func connect(t *testing.T, b *Balancer) (client, string) {
	t.Helper()
	connection, err := net.Dial("tcp", b.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	_ = connection.SetDeadline(time.Now().Add(5 * time.Second))
	c := client{connection, bufio.NewReader(connection)}
	name, _ := c.lines.ReadString('\n')
	if name != "" {
		name = name[:len(name)-1]
	}
	return c, name
}

func TestHealthyServersTakeTurns(t *testing.T) {
	b := start(t)
	for _, name := range []string{"a", "b", "c"} {
		address, _ := startServer(t, name)
		b.Report(name, address, name != "c")
	}
	counts := map[string]int{}
	for range 10 {
		_, name := connect(t, b)
		counts[name]++
	}
	if counts["c"] > 0 || counts["a"] < 3 || counts["b"] < 3 {
		t.Errorf("connections by server: %v; the unhealthy server must get none", counts)
	}
}

func TestConnectionsOfAnUnhealthyServerAreClosedOnlyIfAnotherIsHealthy(t *testing.T) {
	b := start(t)
	first, _ := startServer(t, "first")
	b.Report("first", first, true)
	c, _ := connect(t, b)
	b.Report("first", first, false)
	fmt.Fprintln(c, "still here")
	if line, err := c.lines.ReadString('\n'); err != nil || line != "still here\n" {
		t.Fatalf("got %q, %v: the only server must keep its connections", line, err)
	}
	second, _ := startServer(t, "second")
	b.Report("second", second, true)
	if _, err := c.lines.ReadString('\n'); err == nil {
		t.Error("the connection to the unhealthy server is still open")
	}
	if _, name := connect(t, b); name != "second" {
		t.Errorf("connected to %q, want the healthy server", name)
	}
}

func TestAServerThatRefusesConnectionsIsLeftAtOnce(t *testing.T) {
	b := start(t)
	dead, stop := startServer(t, "dead")
	alive, _ := startServer(t, "alive")
	b.Report("dead", dead, true)
	b.Report("alive", alive, true)
	stop()
	for range 4 {
		if _, name := connect(t, b); name != "alive" {
			t.Fatalf("connected to %q", name)
		}
	}
}

func TestWithoutHealthyServersAnyServerIsTried(t *testing.T) {
	b := start(t)
	if _, name := connect(t, b); name != "" {
		t.Fatalf("connected to %q, but there are no servers", name)
	}
	address, _ := startServer(t, "starting")
	b.Report("starting", address, false)
	if _, name := connect(t, b); name != "starting" {
		t.Errorf("connected to %q", name)
	}
}

func TestRemovingAServerClosesItsConnections(t *testing.T) {
	b := start(t)
	address, _ := startServer(t, "a")
	b.Report("a", address, true)
	c, _ := connect(t, b)
	b.Remove("a")
	if _, err := c.lines.ReadString('\n'); err == nil {
		t.Error("the connection is still open")
	}
}
