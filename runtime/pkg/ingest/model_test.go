package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/migrations"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// model is what the database should have of one stream.
type model struct {
	stored                           map[outbox.Key]string
	lost                             map[uint64]bool
	messages, duplicates, conflicted int
}

// span returns the first and the last stored sequence of an epoch.
func (m *model) span(of outbox.Epoch) (first, last uint64) {
	for key := range m.stored {
		if key.Epoch != of {
			continue
		}
		if first == 0 || key.Sequence < first {
			first = key.Sequence
		}
		last = max(last, key.Sequence)
	}
	return first, last
}

// missing returns the missing sequences, as the documentation defines them.
func (m *model) missing(epochs []outbox.Epoch) []string {
	var found []string
	var newest uint64
	inside := map[uint64]bool{}
	for _, epoch := range epochs {
		first, last := m.span(epoch)
		newest = max(newest, last)
		for sequence := first; sequence != 0 && sequence <= last; sequence++ {
			inside[sequence] = true
			if _, stored := m.stored[outbox.Key{Node: "n", Class: "c", Epoch: epoch, Sequence: sequence}]; !stored && !m.lost[sequence] {
				found = append(found, fmt.Sprintf("%s/%d", epoch, sequence))
			}
		}
	}
	for sequence := uint64(1); sequence <= newest; sequence++ {
		if !inside[sequence] && !m.lost[sequence] {
			found = append(found, fmt.Sprintf("none/%d", sequence))
		}
	}
	slices.Sort(found)
	return found
}

// failing makes transactions fail before or after their commit.
type failing struct {
	Store
	before, after bool
}

var errInjected = errors.New("injected")

func (f *failing) transact(ctx context.Context, run func(transaction) error) error {
	err := f.Store.transact(ctx, func(tx transaction) error {
		err := run(tx)
		if f.before {
			return errInjected
		}
		return err
	})
	if err == nil && f.after {
		return errInjected
	}
	return err
}

// TestStoringEqualsAModel stores random batches with repetitions, conflicts, losses, restored disks and failures, and compares
// messages, counts and gaps with a model.
func TestStoringEqualsAModel(t *testing.T) {
	forEachStore(t, func(t *testing.T, d database) {
		epochs := []outbox.Epoch{{Number: 1, Token: 1}, {Number: 2, Token: 2}, {Number: 2, Token: 3}}
		rapid.Check(t, func(t *rapid.T) {
			for _, table := range []string{"edge_messages", "edge_ranges", "edge_streams", "edge_losses", "edge_quarantine"} {
				d.exec(t, "DELETE FROM "+table)
			}
			m := &model{stored: map[outbox.Key]string{}, lost: map[uint64]bool{}}
			for range rapid.IntRange(1, 6).Draw(t, "batches") {
				var batch []Delivery
				for range rapid.IntRange(1, 12).Draw(t, "size") {
					if rapid.IntRange(0, 9).Draw(t, "isLoss") == 0 {
						first := rapid.Uint64Range(1, 30).Draw(t, "first")
						loss := outbox.Loss{Range: outbox.Range{First: first, Last: first + rapid.Uint64Range(0, 5).Draw(t, "length")}, Reason: outbox.LossFull}
						payload, err := edgeevents.Losses{Losses: []outbox.Loss{loss}}.Encode()
						if err != nil {
							t.Fatal(err)
						}
						batch = append(batch, Delivery{Topic: edgeevents.LossesTopic("n", "c"), Payload: payload})
						for sequence := loss.First; sequence <= loss.Last; sequence++ {
							m.lost[sequence] = true
						}
						continue
					}
					key := outbox.Key{Node: "n", Class: "c", Epoch: rapid.SampledFrom(epochs).Draw(t, "epoch"), Sequence: rapid.Uint64Range(1, 25).Draw(t, "sequence")}
					content := rapid.SampledFrom([]string{"a", "a", "a", "b"}).Draw(t, "content")
					batch = append(batch, deliver(key, edgeevents.Event{Subject: content}))
					first, repeated := m.stored[key]
					switch {
					case !repeated:
						m.stored[key] = content
						m.messages++
					case first != content:
						m.conflicted++
						fallthrough
					default:
						m.duplicates++
					}
				}
				// A batch whose commit failed is stored again. If the commit had succeeded, all of it is repeated.
				switch rapid.IntRange(0, 5).Draw(t, "failure") {
				case 0:
					if _, err := Write(t.Context(), &failing{Store: d.Store, before: true}, batch); !errors.Is(err, errInjected) {
						t.Fatal(err)
					}
				case 1:
					if _, err := Write(t.Context(), &failing{Store: d.Store, after: true}, batch); !errors.Is(err, errInjected) {
						t.Fatal(err)
					}
					for _, each := range batch {
						if decoded := read(each); decoded.losses == nil {
							m.duplicates++
							if m.stored[decoded.key] != decoded.event.Subject {
								m.conflicted++
							}
						}
					}
				}
				result := mustWrite(t, d, batch...)
				checkAcknowledged(t, result, batch)
			}
			checkModel(t, d, m, epochs)
		})
	})
}

// checkAcknowledged checks that exactly the messages of a batch are acknowledged.
func checkAcknowledged(t *rapid.T, result Result, batch []Delivery) {
	expected := map[outbox.Epoch]*outbox.RangeSet{}
	for _, each := range batch {
		if decoded := read(each); decoded.losses == nil {
			if expected[decoded.key.Epoch] == nil {
				expected[decoded.key.Epoch] = &outbox.RangeSet{}
			}
			expected[decoded.key.Epoch].Add(outbox.Range{First: decoded.key.Sequence, Last: decoded.key.Sequence})
		}
	}
	messages, err := result.Acknowledgements()
	if err != nil {
		t.Fatal(err)
	}
	payloads := messages[edgeevents.AckTopic("n", "c")]
	if len(payloads) != len(expected) {
		t.Fatalf("%d acknowledgements, want %d", len(payloads), len(expected))
	}
	for _, payload := range payloads {
		acknowledgement, err := edgeevents.DecodeAcknowledgement(payload)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(acknowledgement.Ranges, *expected[acknowledgement.Epoch]) {
			t.Fatalf("acknowledged %+v, want %v", acknowledgement, *expected[acknowledgement.Epoch])
		}
	}
}

func checkModel(t *rapid.T, d database, m *model, epochs []outbox.Epoch) {
	var expected []string
	for key, content := range m.stored {
		expected = append(expected, fmt.Sprintf("%s %d %s", key.Epoch, key.Sequence, content))
	}
	slices.Sort(expected)
	rows := strings.Split(text(d.query(t, `SELECT epoch, sequence, subject FROM edge_messages`)), "\n")
	slices.Sort(rows)
	if !slices.Equal(rows, expected) && len(expected) > 0 {
		t.Fatalf("stored %v, want %v", rows, expected)
	}
	missing := []string{}
	for _, row := range d.query(t, `SELECT coalesce(epoch, 'none'), first, last FROM edge_gaps`) {
		for sequence := row[1].(int64); sequence <= row[2].(int64); sequence++ {
			missing = append(missing, fmt.Sprintf("%s/%d", row[0], sequence))
		}
	}
	slices.Sort(missing)
	if want := m.missing(epochs); !slices.Equal(missing, want) {
		t.Fatalf("missing %v, want %v\nstored %v, lost %v", missing, want, expected, m.lost)
	}
	if len(m.stored) == 0 {
		return
	}
	counts := text(d.query(t, `SELECT messages, duplicates, conflicts, missing FROM edge_status`))
	if want := fmt.Sprintf("%d %d %d %d", m.messages, m.duplicates, m.conflicted, len(missing)); counts != want {
		t.Fatalf("messages, duplicates, conflicts, missing: %s, want %s", counts, want)
	}
	streams, err := d.Status(t.Context())
	if err != nil || len(streams) != 1 || streams[0].Messages != int64(m.messages) || int(streams[0].Missing) != len(missing) {
		t.Fatalf("%+v, %v", streams, err)
	}
}

// TestInstancesStoreTheSameMessagesOnce stores the same messages by several instances at the same time. On PostgreSQL, it
// also does so without the primary key, which a hypertable does not have.
func TestInstancesStoreTheSameMessagesOnce(t *testing.T) {
	forEachStore(t, func(t *testing.T, d database) {
		if strings.HasSuffix(t.Name(), "PostgreSQL") {
			d.exec(t, `ALTER TABLE edge_messages DROP CONSTRAINT edge_messages_pkey`)
		}
		const instances, batches, size = 4, 15, 20
		var group sync.WaitGroup
		for instance := range instances {
			group.Go(func() {
				for batch := range batches {
					var deliveries []Delivery
					for n := range size {
						// Instances begin at different places and take the nodes in different orders.
						node := (n*(instance*2+1) + batch) % 5
						sequence := uint64((batch+instance*4)%batches*size + n + 1)
						deliveries = append(deliveries, deliver(outbox.Key{
							Node: fmt.Sprintf("n%d", node), Class: "c", Epoch: outbox.Epoch{Number: 1}, Sequence: sequence,
						}, edgeevents.Event{Subject: fmt.Sprint(sequence)}))
					}
					if _, err := Write(t.Context(), d, deliveries); err != nil {
						t.Errorf("instance %d: %v", instance, err)
					}
				}
			})
		}
		group.Wait()
		if got := text(d.query(t, `SELECT node, sequence FROM edge_messages GROUP BY node, sequence HAVING count(*) > 1`)); got != "" {
			t.Fatalf("stored twice: %s", got)
		}
		totals := text(d.query(t, `SELECT CAST(sum(messages) AS BIGINT), CAST(sum(messages + duplicates) AS BIGINT) FROM edge_streams`))
		stored := text(d.query(t, `SELECT count(*) FROM edge_messages`))
		if want := fmt.Sprintf("%s %d", stored, instances*batches*size); totals != want {
			t.Fatalf("stored and delivered: %s, want %s", totals, want)
		}
	})
}

func TestOverlappingEpochsAreReported(t *testing.T) {
	forEachStore(t, func(t *testing.T, d database) {
		at := func(number, token, sequence uint64) Delivery {
			return deliver(outbox.Key{Node: "n", Class: "c", Epoch: outbox.Epoch{Number: number, Token: token}, Sequence: sequence}, edgeevents.Event{})
		}
		mustWrite(t, d, at(1, 1, 1), at(1, 1, 2), at(2, 1, 3), at(2, 1, 4))
		if got := text(d.query(t, `SELECT epochs, overlapping, missing FROM edge_status`)); got != "2 0 0" {
			t.Fatal(got)
		}
		// A disk of the time of message 2 was restored.
		mustWrite(t, d, at(2, 2, 3), at(2, 2, 4), at(2, 2, 5))
		if got := text(d.query(t, `SELECT epochs, overlapping, missing FROM edge_status`)); got != "3 1 0" {
			t.Fatal(got)
		}
	})
}

func TestANewerSchemaIsRefused(t *testing.T) {
	forEachStore(t, func(t *testing.T, d database) {
		if strings.HasSuffix(t.Name(), "PostgreSQL") {
			d.exec(t, `INSERT INTO edge_schema VALUES (99)`)
			d.Store.(*postgresStore).prepared = false
		} else {
			d.exec(t, `PRAGMA user_version = 99`)
			again := &sqliteStore{path: d.Store.(*sqliteStore).path}
			d.Close()
			d.Store = again
			t.Cleanup(again.Close)
		}
		if err := d.Prepare(t.Context()); !errors.Is(err, migrations.ErrNewerSchema) {
			t.Fatal(err)
		}
	})
}
