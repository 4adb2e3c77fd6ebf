package edgetest

import (
	"net"
	"sync"
	"testing"
)

// Proxy is a link that can be disturbed.
type Proxy struct {
	Address string
	target  string
	tcp     net.Listener

	mu    sync.Mutex
	mode  Mode
	left  int
	conns map[net.Conn]bool
	// changed wakes what a silent link holds back.
	changed sync.Cond
}

// Mode is what a link does.
type Mode int

// Modes of a link.
const (
	// Pass forwards everything.
	Pass Mode = iota
	// Refuse closes each connection at once.
	Refuse
	// Silent keeps connections open and forwards nothing, in either direction.
	Silent
)

// StartProxy starts a link to an address.
func StartProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Address: tcp.Addr().String(), target: target, tcp: tcp, left: -1, conns: map[net.Conn]bool{}}
	p.changed.L = &p.mu
	go p.accept()
	t.Cleanup(func() {
		_ = tcp.Close()
		p.Cut()
	})
	return p
}

// Set changes what the link does from now on. Open connections stay open, except with Refuse.
func (p *Proxy) Set(mode Mode) {
	p.mu.Lock()
	p.mode = mode
	p.changed.Broadcast()
	p.mu.Unlock()
	if mode == Refuse {
		p.Cut()
	}
}

// CutAfter cuts all connections when so many bytes more have gone towards the target.
func (p *Proxy) CutAfter(bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = bytes
}

// Cut ends all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		// Without a goodbye, as a lost link.
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
	clear(p.conns)
	p.changed.Broadcast()
}

func (p *Proxy) accept() {
	for {
		near, err := p.tcp.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		refused := p.mode == Refuse
		p.mu.Unlock()
		far, err := net.Dial("tcp", p.target)
		if refused || err != nil {
			_ = near.Close()
			if err == nil {
				_ = far.Close()
			}
			continue
		}
		p.mu.Lock()
		p.conns[near], p.conns[far] = true, true
		p.mu.Unlock()
		go p.forward(near, far, true)
		go p.forward(far, near, false)
	}
}

func (p *Proxy) forward(from, to net.Conn, up bool) {
	buffer := make([]byte, 4<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !p.pass(from, n, up) {
			return
		}
		if _, failed := to.Write(buffer[:n]); failed != nil || err != nil {
			_ = from.Close()
			_ = to.Close()
			return
		}
	}
}

// pass waits while the link is silent, and tells whether the connection is still there.
func (p *Proxy) pass(from net.Conn, n int, up bool) bool {
	p.mu.Lock()
	for p.mode == Silent && p.conns[from] {
		p.changed.Wait()
	}
	alive := p.conns[from]
	cut := false
	if up && p.left >= 0 {
		p.left -= n
		cut = p.left < 0
	}
	if cut {
		p.left = -1
	}
	p.mu.Unlock()
	if cut {
		p.Cut()
	}
	return alive && !cut
}
