package relay

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"sync"
	"time"
)

const (
	// receiveMaximum limits the messages of a device that are not on disk yet.
	receiveMaximum = 64
	// answerBuffer has room for the acknowledgements of as many messages.
	answerBuffer = 512
	// packetOverhead is the room for topic and properties in a packet.
	packetOverhead = 8 << 10
	// minBudget limits the memory of messages that are not on disk yet, unless one message may be larger. It is what one
	// fsync of the outbox covers; more does not make it faster.
	minBudget = 256 << 10
	// messageOverhead is the memory of a message, in addition to its packet, until it is on disk: the members of its event,
	// and what the outbox knows of it.
	messageOverhead = 300
	// introductionTimeout is how long a device may take for TLS and CONNECT.
	introductionTimeout = 10 * time.Second
	// acceptPause is the wait after a failure to accept, such as too many open files.
	acceptPause = 100 * time.Millisecond
)

// Listener accepts messages of devices over MQTT 3.1.1 and 5. It has no subscriptions: it is a way to the cloud, not
// between devices.
type Listener struct {
	Keeper         *Keeper
	Credentials    Credentials
	MaxConnections int
	// MaxMessageBytes is the largest message of any class.
	MaxMessageBytes int
	Logger          *slog.Logger
	Counts          *Counts

	budget *budget
	mu     sync.Mutex
	// sessions are the connections by client identifier.
	sessions map[string]*connection
}

// Serve serves a listener of TCP until the context ends. It returns when all connections are closed.
func (l *Listener) Serve(ctx context.Context, tcp net.Listener) {
	l.budget = newBudget(max(minBudget, 2*(l.MaxMessageBytes+packetOverhead)))
	l.sessions = map[string]*connection{}
	context.AfterFunc(ctx, func() {
		_ = tcp.Close()
		l.budget.close()
	})
	config := l.Credentials.tlsConfig()
	var all sync.WaitGroup
	defer all.Wait()
	for {
		accepted, err := tcp.Accept()
		if ctx.Err() != nil {
			if err == nil {
				_ = accepted.Close()
			}
			return
		}
		if err != nil {
			l.Logger.Warn("failed to accept a connection; retrying", "err", err.Error())
			time.Sleep(acceptPause)
			continue
		}
		if l.Counts.Connections.Add(1) > int64(l.MaxConnections) {
			l.Counts.Connections.Add(-1)
			_ = accepted.Close()
			continue
		}
		if config != nil {
			accepted = tls.Server(accepted, config)
		}
		all.Go(func() {
			defer l.Counts.Connections.Add(-1)
			l.serve(ctx, accepted)
		})
	}
}

// take makes a connection that of its client identifier, and closes an earlier one.
func (l *Listener) take(session *connection) {
	l.mu.Lock()
	earlier := l.sessions[session.client]
	l.sessions[session.client] = session
	l.mu.Unlock()
	if earlier != nil {
		earlier.takenOver()
	}
}

func (l *Listener) release(session *connection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sessions[session.client] == session {
		delete(l.sessions, session.client)
	}
}
