package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/brokertest"
	"github.com/skerry-dev/skerry/runtime/internal/databasetest"
	"github.com/skerry-dev/skerry/runtime/internal/programtest"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// storedMessages returns the contents of all messages by their keys. A key that is stored twice is an error.
func storedMessages(t *testing.T, location string) map[outbox.Key]string {
	t.Helper()
	rows := databasetest.Query(t, location, `SELECT node, class, epoch, sequence, subject FROM edge_messages`)
	found := map[outbox.Key]string{}
	for _, row := range rows {
		epoch, err := outbox.ParseEpoch(row[2])
		if err != nil {
			t.Fatal(err)
		}
		var sequence uint64
		if _, err := fmt.Sscan(row[3], &sequence); err != nil {
			t.Fatal(err)
		}
		key := outbox.Key{Node: row[0], Class: row[1], Epoch: epoch, Sequence: sequence}
		if _, twice := found[key]; twice {
			t.Fatalf("%s is stored twice", key)
		}
		found[key] = row[4]
	}
	return found
}

// killLoop lets agents send while a random victim is killed at a random moment of each round, also while it starts. After
// each round, everything that was acknowledged before must be in the database. In the end, everything is acknowledged and
// in the database once.
func killLoop(t *testing.T, random *rand.Rand, b brokertest.Broker, d database, version byte, victims map[string]func()) {
	var agents []*agent
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var producers sync.WaitGroup
	for n := range 3 {
		a := startAgent(t, fmt.Sprintf("gateway-%d", n+1), mqtt.Options{Address: b.URL(), Version: version})
		agents = append(agents, a)
		producers.Go(func() { a.produce(ctx, 2*time.Millisecond) })
	}
	var names []string
	for _, name := range []string{"ingest", "database", "broker"} {
		if victims[name] != nil {
			names = append(names, name)
		}
	}
	killed := map[string]int{}
	for round := range programtest.Rounds() {
		time.Sleep(time.Duration(random.IntN(250)) * time.Millisecond)
		victim := names[random.IntN(len(names))]
		killed[victim]++
		// What was acknowledged before the check must be there.
		before := map[outbox.Key]bool{}
		for _, a := range agents {
			for key := range a.snapshot() {
				before[key] = true
			}
		}
		victims[victim]()
		stored := storedMessages(t, d.location)
		for key := range before {
			if _, found := stored[key]; !found {
				t.Fatalf("round %d: %s was acknowledged and is not stored (killed: %s)", round, key, victim)
			}
		}
	}
	stop()
	producers.Wait()
	total := 0
	for _, a := range agents {
		programtest.Await(t, a.node+" has everything acknowledged", a.isDone)
		total += len(a.appended)
	}
	stored := storedMessages(t, d.location)
	for _, a := range agents {
		for key, content := range a.appended {
			if stored[key] != content {
				t.Fatalf("%s: stored %q, sent %q", key, stored[key], content)
			}
		}
	}
	if len(stored) != total {
		t.Fatalf("%d messages are stored, %d were sent", len(stored), total)
	}
	if gaps := databasetest.Query(t, d.location, `SELECT node, class, first, last FROM edge_gaps`); len(gaps) > 0 {
		t.Fatalf("gaps: %v", gaps)
	}
	counts := databasetest.Query(t, d.location, `SELECT sum(messages), sum(duplicates), sum(conflicts) FROM edge_status`)
	if counts[0][2] != "0" || counts[0][0] != fmt.Sprint(total) {
		t.Fatalf("messages, duplicates, conflicts: %v", counts[0])
	}
	t.Logf("%d messages, %s duplicates, killed: %v", total, counts[0][1], killed)
	if total < 5*programtest.Rounds() {
		t.Fatalf("only %d messages in %d rounds", total, programtest.Rounds())
	}
}

// TestAcknowledgedMessagesSurviveKills kills ingest, broker and PostgreSQL.
func TestAcknowledgedMessagesSurviveKills(t *testing.T) {
	for _, version := range []byte{mqtt.Version5, mqtt.Version311} {
		name := map[byte]string{mqtt.Version5: "5", mqtt.Version311: "3.1.1"}[version]
		t.Run("MQTT "+name, func(t *testing.T) {
			forEachDatabase(t, func(t *testing.T, d database) {
				random := programtest.RandomOf(t)
				b := brokertest.StartMosquitto(t)
				p := newProgram(t, b.URL(), d.location, "--mqtt-version", name)
				p.Start()
				victims := map[string]func(){
					"ingest": func() {
						p.Kill()
						p.Start()
					},
					"broker": func() {
						b.Kill()
						b.Run(t)
					},
				}
				if d.kill != nil {
					victims["database"] = func() {
						d.kill()
						d.run(t)
					}
				}
				killLoop(t, random, b, d, version, victims)
				p.AwaitReady()
				p.Terminate()
			})
		})
	}
}

// TestInstancesShareTheMessages kills one of three instances in each round.
func TestInstancesShareTheMessages(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, d database) {
		if d.kill == nil {
			t.Skip("SQLite allows one writing process, so several instances need PostgreSQL")
		}
		random := programtest.RandomOf(t)
		b := brokertest.StartMosquitto(t)
		var instances []*programtest.Program
		for range 3 {
			p := newProgram(t, b.URL(), d.location)
			p.Start()
			instances = append(instances, p)
		}
		killLoop(t, random, b, d, mqtt.Version5, map[string]func(){"ingest": func() {
			p := instances[random.IntN(len(instances))]
			p.Kill()
			p.Start()
		}})
		for _, p := range instances {
			p.AwaitReady()
			p.Terminate()
		}
	})
}
