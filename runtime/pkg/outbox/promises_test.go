package outbox

import (
	"syscall"
	"testing"
)

// TestPromisesHoldOverPowerCutsAndFailures runs random operations over a disk that loses, tears and refuses writes.
func TestPromisesHoldOverPowerCutsAndFailures(t *testing.T) {
	random := randomOf(t)
	rounds := 150
	if testing.Short() {
		rounds = 50
	}
	delivered := 0
	for round := range rounds {
		m := newModel(t, random, small([]FullPolicy{Refuse, DropOldest}[round%2]))
		for range 150 {
			m.step()
		}
		m.restart()
		_ = m.outbox.Close()
		delivered += len(m.seen)
	}
	t.Logf("%d messages delivered in %d rounds", delivered, rounds)
}

// TestEachOperationMayFail lets each operation that changes the disk fail once, in turn, in a run that appends,
// acknowledges, fills the class and restarts.
func TestEachOperationMayFail(t *testing.T) {
	random := randomOf(t)
	for _, cause := range []error{syscall.EIO, syscall.ENOSPC, errPower} {
		for _, policy := range []FullPolicy{Refuse, DropOldest} {
			failed := 0
			for operation := 0; ; operation++ {
				m := newModel(t, random, small(policy))
				m.breakAfter(operation, 1, cause)
				for range 8 {
					m.append()
				}
				m.acknowledge()
				m.append()
				happened := m.fuse < 0
				m.restart()
				m.append()
				m.check()
				_ = m.outbox.Close()
				if !happened {
					break
				}
				failed++
			}
			t.Logf("%s, %v: each of %d operations failed", policy, cause, failed)
		}
	}
}

// TestEachOperationOfAStartMayFail lets each operation that changes the disk during Open fail once, in turn, after the
// power was cut or the process killed while it wrote.
func TestEachOperationOfAStartMayFail(t *testing.T) {
	random := randomOf(t)
	for _, cause := range []error{syscall.EIO, syscall.ENOSPC, errPower} {
		for operation, failed := 0, true; failed; operation++ {
			m := newModel(t, random, small(Refuse))
			for range 5 {
				m.append()
			}
			m.acknowledge()
			m.breakAfter(random.IntN(6), 1, errPower)
			m.append()
			_ = m.outbox.Close()
			if random.IntN(2) == 0 {
				m.disk = m.disk.cutPower()
			}
			m.breakAfter(operation, 1, cause)
			if opened, err := m.open(); err == nil {
				_ = opened.Close()
			}
			failed = m.fuse < 0
			if m.isOff() {
				m.disk = m.disk.cutPower()
			}
			m.repair()
			m.cause = nil
			m.reopen()
			m.check()
			_ = m.outbox.Close()
		}
	}
}
