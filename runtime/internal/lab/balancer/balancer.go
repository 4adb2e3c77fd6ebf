// Package balancer forwards the TCP connections of one address to the healthy ones among several servers, as a network load
// balancer of a cloud does.
package balancer

import (
	"io"
	"net"
	"sync"
	"time"
)

// dialTimeout limits how long a server takes to accept a connection.
const dialTimeout = 2 * time.Second

// Balancer forwards connections to servers.
type Balancer struct {
	listener net.Listener
	wait     sync.WaitGroup

	mutex   sync.Mutex
	servers []*server
	// next is the index of the server that gets the next connection.
	next   int
	closed bool
}

type server struct {
	name, address string
	healthy       bool
	// connections are the client's ends of the forwarded connections.
	connections map[net.Conn]struct{}
}

// Listen starts a balancer without servers on an address.
func Listen(address string) (*Balancer, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	b := &Balancer{listener: listener}
	b.wait.Add(1)
	go b.accept()
	return b, nil
}

// Report adds a server or changes its health. When a server becomes unhealthy while another is healthy, its connections are
// closed, so that clients reconnect.
func (b *Balancer) Report(name, address string, healthy bool) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	found := b.find(name)
	if found == nil {
		found = &server{name: name, address: address, connections: map[net.Conn]struct{}{}}
		b.servers = append(b.servers, found)
	}
	b.setHealth(found, healthy)
}

func (b *Balancer) setHealth(s *server, healthy bool) {
	s.healthy = healthy
	for _, each := range b.servers {
		if !each.healthy && b.anyHealthy() {
			each.disconnect()
		}
	}
}

// Remove removes a server and closes its connections.
func (b *Balancer) Remove(name string) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for i, each := range b.servers {
		if each.name == name {
			each.disconnect()
			b.servers = append(b.servers[:i], b.servers[i+1:]...)
			return
		}
	}
}

// Close stops listening, closes all connections and waits for them.
func (b *Balancer) Close() {
	_ = b.listener.Close()
	b.mutex.Lock()
	b.closed = true
	for _, each := range b.servers {
		each.disconnect()
	}
	b.mutex.Unlock()
	b.wait.Wait()
}

func (b *Balancer) find(name string) *server {
	for _, each := range b.servers {
		if each.name == name {
			return each
		}
	}
	return nil
}

func (b *Balancer) anyHealthy() bool {
	for _, each := range b.servers {
		if each.healthy {
			return true
		}
	}
	return false
}

func (s *server) disconnect() {
	for connection := range s.connections {
		_ = connection.Close()
	}
}

func (b *Balancer) accept() {
	defer b.wait.Done()
	for {
		client, err := b.listener.Accept()
		if err != nil {
			b.mutex.Lock()
			closed := b.closed
			b.mutex.Unlock()
			if closed {
				return
			}
			// The process has too many open files, for example.
			time.Sleep(100 * time.Millisecond)
			continue
		}
		b.wait.Add(1)
		go func() {
			defer b.wait.Done()
			b.forward(client)
		}()
	}
}

// candidates returns the servers to try for one connection, in order: the healthy ones in turn, or all of them if none is
// healthy, because a server that is not ready still explains why.
func (b *Balancer) candidates() []*server {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	var list []*server
	for i := range b.servers {
		each := b.servers[(b.next+i)%len(b.servers)]
		if each.healthy || !b.anyHealthy() {
			list = append(list, each)
		}
	}
	b.next++
	return list
}

// forward connects a client to the first server that accepts the connection, and copies in both directions until one ends.
func (b *Balancer) forward(client net.Conn) {
	defer client.Close()
	for _, each := range b.candidates() {
		upstream, err := net.DialTimeout("tcp", each.address, dialTimeout)
		if err != nil {
			// The next report of its health decides when it gets connections again.
			b.mutex.Lock()
			b.setHealth(each, false)
			b.mutex.Unlock()
			continue
		}
		if b.track(each, client) {
			exchange(client, upstream)
			b.mutex.Lock()
			delete(each.connections, client)
			b.mutex.Unlock()
		}
		_ = upstream.Close()
		return
	}
}

// track records a connection, unless its server has been removed or the balancer closed in the meantime.
func (b *Balancer) track(s *server, client net.Conn) bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.closed || b.find(s.name) != s {
		return false
	}
	s.connections[client] = struct{}{}
	return true
}

// exchange copies in both directions until one connection ends, and closes both.
func exchange(client, upstream net.Conn) {
	done := make(chan struct{}, 2)
	transfer := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		done <- struct{}{}
	}
	go transfer(client, upstream)
	go transfer(upstream, client)
	<-done
	_ = client.Close()
	_ = upstream.Close()
	<-done
}
