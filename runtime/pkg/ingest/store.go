package ingest

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"
)

// Store is a database of messages. Its methods may be called from several goroutines.
type Store interface {
	// Prepare connects and migrates the database, unless that was done before.
	Prepare(ctx context.Context) error
	// Status returns the streams, sorted by node and class.
	Status(ctx context.Context) ([]Status, error)
	// Close closes the connections.
	Close()

	// transact runs a transaction and commits it unless an error is returned.
	transact(ctx context.Context, run func(transaction) error) error
	// refusesData tells whether an error is about the values of a statement, and not about the database.
	refusesData(err error) bool
}

// OpenStore returns the store of a location: sqlite:PATH or a URL of PostgreSQL. It does not connect. The password of
// PostgreSQL is read from a file at each connection, so that it can be changed while the program runs.
func OpenStore(location, passwordFile string) (Store, error) {
	if path, isFile := strings.CutPrefix(location, "sqlite:"); isFile {
		if path == "" {
			return nil, errors.New("sqlite: path must not be empty")
		}
		if passwordFile != "" {
			return nil, errors.New("SQLite has no password")
		}
		return &sqliteStore{path: path}, nil
	}
	if strings.HasPrefix(location, "postgres://") || strings.HasPrefix(location, "postgresql://") {
		return openPostgres(location, passwordFile)
	}
	return nil, errors.New("must be sqlite:PATH or postgres://USER@HOST[:PORT]/DATABASE")
}

// Write stores deliveries in one transaction. If the database refuses a value, it stores the others, and what was refused
// goes into quarantine.
func Write(ctx context.Context, to Store, deliveries []Delivery) (Result, error) {
	items := make([]item, 0, len(deliveries))
	for _, each := range deliveries {
		items = append(items, read(each))
	}
	result := Result{Rejected: map[Reason]int{}}
	return result, write(ctx, to, items, &result)
}

// write stores items. It adds up what was committed, also if it returns an error.
func write(ctx context.Context, to Store, items []item, total *Result) error {
	var result Result
	err := to.transact(ctx, func(tx transaction) (err error) {
		result, err = store(ctx, tx, items)
		return err
	})
	switch {
	case err == nil:
		total.add(result)
		return nil
	case !to.refusesData(err):
		return err
	case len(items) > 1:
		half := len(items) / 2
		return errors.Join(write(ctx, to, items[:half], total), write(ctx, to, items[half:], total))
	case items[0].rejection != nil:
		// Not even the quarantine takes it.
		return err
	}
	items[0].rejection = &rejection{reason: ReasonDatabase, detail: strings.ToValidUTF8(err.Error(), "")}
	items[0].losses = nil
	return write(ctx, to, items, total)
}

func (r *Result) add(other Result) {
	r.Stored += other.Stored
	r.Duplicates += other.Duplicates
	for reason, count := range other.Rejected {
		r.Rejected[reason] += count
	}
	r.Conflicts = append(r.Conflicts, other.Conflicts...)
	r.acknowledged = append(r.acknowledged, other.acknowledged...)
}

// Status describes a stream.
type Status struct {
	Node  string `json:"node"`
	Class string `json:"class"`
	// Messages are stored; Duplicates were delivered again; Conflicts are duplicates with another content.
	Messages   int64 `json:"messages"`
	Duplicates int64 `json:"duplicates"`
	Conflicts  int64 `json:"conflicts"`
	// Rejected messages are in quarantine.
	Rejected int64 `json:"rejected"`
	// Missing messages lie in Gaps. It is not exact above 2⁵³.
	Missing float64 `json:"missing"`
	Gaps    int64   `json:"gaps"`
	// Epochs are runs of the agent. Overlapping are those whose sequences an earlier one has used: a restored disk, or
	// two devices with the same name.
	Epochs          int64     `json:"epochs"`
	Overlapping     int64     `json:"overlapping"`
	LastEpoch       string    `json:"lastEpoch"`
	LastSequence    int64     `json:"lastSequence"`
	FirstReceivedAt time.Time `json:"firstReceivedAt"`
	LastReceivedAt  time.Time `json:"lastReceivedAt"`
}

// statusColumns are those of Status, in its order.
const statusColumns = `node, class, messages, duplicates, conflicts, rejected, missing, gaps, epochs, overlapping,
	coalesce(last_epoch, ''), coalesce(last_sequence, 0), first_received_at, last_received_at`

// quarantineLimit is how many unacknowledged messages the quarantine keeps. Acknowledged ones are never deleted.
const quarantineLimit = 10_000

// quarantineDigest identifies what is in quarantine, so that a repetition is only counted.
func (i item) quarantineDigest() digest {
	return digestOf([]byte(i.Topic), []byte(i.rejection.reason), i.Payload)
}

// isText tells whether both databases can store a text.
func isText(text string) bool { return strings.IndexFunc(text, unicode.IsControl) < 0 }

// asText makes a text that both databases can store.
func asText(text string) string {
	return strings.Map(func(each rune) rune {
		if unicode.IsControl(each) {
			return unicode.ReplacementChar
		}
		return each
	}, strings.ToValidUTF8(text, string(unicode.ReplacementChar)))
}

// optional returns nil for an empty text.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
