package edgechain

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/postgrestest"
	"github.com/skerry-dev/skerry/runtime/internal/programtest"
)

// TestAcknowledgedMessagesSurviveKillsOfEverything kills each program in turn, at random moments, also while it starts.
func TestAcknowledgedMessagesSurviveKillsOfEverything(t *testing.T) {
	skipShort(t)
	t.Run("SQLite", func(t *testing.T) {
		killInTurn(newChain(t, "sqlite:"+filepath.Join(t.TempDir(), "messages.db"), nil, nil))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		server := postgrestest.Start(t)
		check := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		killInTurn(newChain(t, server.URL("postgres"), nil, nil), process{
			"database", server.Kill, func() { check(server.Start()) }, func() { check(server.Run()) },
		})
	})
}

func killInTurn(c *chain, more ...process) {
	c.t.Helper()
	random := programtest.RandomOf(c.t)
	victims := append([]process{
		{"agent", c.agent.Kill, c.agent.Start, c.agent.Start}, {"ingest", c.ingest.Kill, c.ingest.Start, c.ingest.Start},
	}, append(c.brokers.processes, more...)...)
	stop := c.publish(2 * time.Millisecond)
	c.await(1)
	killed := map[string]int{}
	for round := range programtest.Rounds() {
		time.Sleep(time.Duration(random.IntN(400)) * time.Millisecond)
		victim := victims[round%len(victims)]
		victim.kill()
		killed[victim.name]++
		for random.IntN(3) == 0 {
			victim.start()
			time.Sleep(time.Duration(random.IntN(60)) * time.Millisecond)
			victim.kill()
			killed[victim.name+", starting"]++
		}
		time.Sleep(time.Duration(random.IntN(100)) * time.Millisecond)
		victim.run()
		// Every other time, the chain is whole again before the next kill.
		if random.IntN(2) == 0 {
			c.await(100)
		}
	}
	stop()
	c.expectDelivery(2 * time.Minute)
	c.t.Logf("killed: %v", killed)
}
