package outbox

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"
)

var errPower = errors.New("the power is off")

// model is what a queue promised. The world outside of it checks the promises with every reading.
type model struct {
	t      *testing.T
	random *rand.Rand
	disk   *disk
	class  Class
	outbox *Outbox
	queue  *Queue

	// fuse counts the operations until one fails with an error. With errPower, all later ones fail too.
	fuse  int
	cause error

	counter int
	// kept are the payloads that Append promised, by key; uncertain those that it did not, but may be kept.
	kept      map[Key]string
	uncertain map[string]bool
	// acknowledged are the keys for which Acknowledge succeeded; maybeAcknowledged those for which it failed.
	acknowledged, maybeAcknowledged map[Key]bool
	// seen are all deliveries.
	seen map[Key]string
}

func newModel(t *testing.T, random *rand.Rand, class Class) *model {
	m := &model{
		t: t, random: random, class: class, disk: newDisk(random.Uint64()), kept: map[Key]string{}, uncertain: map[string]bool{},
		acknowledged: map[Key]bool{}, maybeAcknowledged: map[Key]bool{}, seen: map[Key]string{},
	}
	m.reopen()
	return m
}

// breakAfter makes the disk fail after some operations that change it: a few times, or with errPower for good.
func (m *model) breakAfter(operations, times int, cause error) {
	m.fuse, m.cause = operations, cause
	m.disk.mu.Lock()
	defer m.disk.mu.Unlock()
	m.disk.fail = func(operation, _ string) error {
		changes := operation != "read" && operation != "open" && operation != "readdir"
		if changes {
			m.fuse--
		}
		switch {
		case m.fuse >= 0 || m.cause != errPower && (!changes || m.fuse < -times):
			return nil
		case m.cause == syscall.ENOSPC && operation != "write" && operation != "create":
			return syscall.EIO
		}
		return m.cause
	}
}

func (m *model) repair() {
	m.disk.mu.Lock()
	defer m.disk.mu.Unlock()
	m.disk.fail = func(string, string) error { return nil }
}

func (m *model) isOff() bool {
	m.disk.mu.Lock()
	defer m.disk.mu.Unlock()
	return m.cause == errPower && m.fuse < 0
}

func (m *model) open() (*Outbox, error) {
	clock := func() time.Duration { return 0 }
	return Open(Options{Dir: "/outbox", Node: "gateway-1", Classes: []Class{m.class}, FS: m.disk, Clock: clock})
}

func (m *model) reopen() {
	opened, err := m.open()
	if err != nil {
		m.t.Fatalf("open: %v", err)
	}
	m.outbox, m.queue = opened, opened.Queue(m.class.Name)
}

// restart opens the outbox again: after a power cut, after the death of the process, or after Close.
func (m *model) restart() {
	if m.random.IntN(3) > 0 && !m.isOff() {
		m.breakAfter(0, 1, errPower)
	}
	_ = m.outbox.Close()
	if m.isOff() && m.random.IntN(2) == 0 {
		m.disk = m.disk.cutPower()
	}
	m.repair()
	m.cause, m.fuse = nil, 0
	m.reopen()
	m.check()
}

func (m *model) append() {
	var payloads []string
	for range m.random.IntN(6) + 1 {
		m.counter++
		payloads = append(payloads, fmt.Sprintf("%d %s", m.counter, bytes.Repeat([]byte("x"), m.random.IntN(300))))
	}
	for n, each := range appendBatch(m.queue, payloads...) {
		switch {
		case each.err == nil:
			key := keyOf(m.t, each)
			if _, twice := m.kept[key]; twice {
				m.t.Fatalf("key %s given twice", key)
			}
			m.kept[key] = payloads[n]
		case errors.Is(each.err, ErrUncertain) || m.isOff():
			m.uncertain[payloads[n]] = true
		}
	}
}

// check reads everything and compares it with what was promised.
func (m *model) check() {
	m.t.Helper()
	present := map[Key]bool{}
	last := uint64(0)
	for reader := m.queue.Reader(0); ; {
		message, err := reader.Next()
		if errors.Is(err, ErrNoMessage) {
			break
		}
		if err != nil {
			m.t.Fatalf("read: %v", err)
		}
		key, payload := message.Key, string(message.Payload)
		if before, again := m.seen[key]; again && before != payload {
			m.t.Fatalf("%s was %.20q and is %.20q", key, before, payload)
		}
		if key.Sequence <= last {
			m.t.Fatalf("%d follows %d", key.Sequence, last)
		}
		expected, kept := m.kept[key]
		if kept && expected != payload || !kept && !m.uncertain[payload] {
			m.t.Fatalf("%s delivers %.20q, kept is %.20q", key, payload, expected)
		}
		if !kept {
			// An uncertain message is delivered under one key.
			m.kept[key] = payload
			delete(m.uncertain, payload)
		}
		if m.acknowledged[key] {
			m.t.Fatalf("%s is delivered after it was acknowledged", key)
		}
		last, m.seen[key], present[key] = key.Sequence, payload, true
	}
	metrics := m.queue.Metrics()
	if metrics.Depth != uint64(len(present)) {
		m.t.Fatalf("depth %d, %d messages", metrics.Depth, len(present))
	}
	if metrics.Bytes > m.class.MaxBytes {
		m.t.Fatalf("%d bytes exceed the limit of %d", metrics.Bytes, m.class.MaxBytes)
	}
	if metrics.Lost[LossCorrupt] > 0 {
		m.t.Fatalf("undamaged messages are reported as corrupt: %v", metrics.Losses)
	}
	oldest := m.queue.Newest() + 1
	for key := range present {
		oldest = min(oldest, key.Sequence)
	}
	for key, payload := range m.kept {
		if present[key] || m.acknowledged[key] || m.maybeAcknowledged[key] {
			continue
		}
		if m.class.WhenFull == Refuse || metrics.Lost[LossFull] == 0 || key.Sequence > oldest {
			m.t.Fatalf("%s is lost: %.20q (losses %v)", key, payload, metrics.Losses)
		}
	}
}

func (m *model) acknowledge() {
	reader := m.queue.Reader(m.random.Uint64N(m.queue.Newest() + 2))
	for range m.random.IntN(30) {
		message, err := reader.Next()
		if err != nil {
			return
		}
		if before, again := m.seen[message.Key]; again && before != string(message.Payload) {
			m.t.Fatalf("%s changed", message.Key)
		}
		m.seen[message.Key] = string(message.Payload)
		err = m.queue.Acknowledge(message.Key.Epoch, Range{First: message.Key.Sequence, Last: message.Key.Sequence})
		if err == nil {
			m.acknowledged[message.Key] = true
		} else {
			m.maybeAcknowledged[message.Key] = true
		}
	}
}

func (m *model) step() {
	switch m.random.IntN(12) {
	case 0:
		m.restart()
	case 1:
		m.breakAfter(m.random.IntN(12), 1, errPower)
	case 2:
		m.breakAfter(m.random.IntN(8), m.random.IntN(5)+1, syscall.EIO)
	case 3:
		m.breakAfter(m.random.IntN(8), m.random.IntN(5)+1, syscall.ENOSPC)
	case 4, 5, 6:
		m.acknowledge()
	default:
		m.append()
	}
	if m.isOff() {
		m.restart()
	}
}
