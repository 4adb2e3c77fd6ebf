package ingest

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"sync"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
	"github.com/skerry-dev/skerry/runtime/pkg/sqlitedb"
)

//go:embed migrations
var migrationFiles embed.FS

func migrationsOf(database string) fs.FS {
	// The folder is embedded.
	found, _ := fs.Sub(migrationFiles, "migrations/"+database)
	return found
}

// sqliteStore stores messages in a file.
type sqliteStore struct {
	path     string
	mu       sync.Mutex
	database *sql.DB
}

func (s *sqliteStore) Prepare(ctx context.Context) error {
	_, err := s.open(ctx)
	return err
}

func (s *sqliteStore) open(ctx context.Context) (*sql.DB, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.database != nil {
		return s.database, nil
	}
	database, err := sqlitedb.Open(ctx, s.path, migrationsOf("sqlite"))
	if err != nil {
		return nil, err
	}
	s.database = database
	return database, nil
}

func (s *sqliteStore) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.database != nil {
		_ = s.database.Close()
	}
}

func (s *sqliteStore) refusesData(err error) bool { return sqlitedb.RefusesData(err) }

func (s *sqliteStore) transact(ctx context.Context, run func(transaction) error) error {
	database, err := s.open(ctx)
	if err != nil {
		return err
	}
	tx, err := database.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := run(sqliteTransaction{tx}); err != nil {
		return err
	}
	return tx.Commit()
}

func (s *sqliteStore) Status(ctx context.Context) ([]Status, error) {
	database, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := database.QueryContext(ctx, "SELECT "+statusColumns+" FROM edge_status ORDER BY node, class")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var found []Status
	for rows.Next() {
		var each Status
		var first, last string
		if err := rows.Scan(&each.Node, &each.Class, &each.Messages, &each.Duplicates, &each.Conflicts, &each.Rejected, &each.Missing, &each.Gaps,
			&each.Epochs, &each.Overlapping, &each.LastEpoch, &each.LastSequence, &first, &last); err != nil {
			return nil, err
		}
		each.FirstReceivedAt, _ = time.Parse(sqliteTime, first)
		each.LastReceivedAt, _ = time.Parse(sqliteTime, last)
		found = append(found, each)
	}
	return found, rows.Err()
}

// sqliteTime is the format of times: it sorts, and SQLite's functions understand it.
const sqliteTime = "2006-01-02T15:04:05.000Z"

func formatTime(at time.Time) string { return at.UTC().Format(sqliteTime) }

// sqliteTransaction holds the write lock of the file.
type sqliteTransaction struct{ *sql.Tx }

// each runs a statement with the arguments of each element.
func each[T any](ctx context.Context, tx sqliteTransaction, statement string, of []T, arguments func(T) []any) error {
	if len(of) == 0 {
		return nil
	}
	prepared, err := tx.PrepareContext(ctx, statement)
	if err != nil {
		return err
	}
	defer func() { _ = prepared.Close() }()
	for _, element := range of {
		if _, err := prepared.ExecContext(ctx, arguments(element)...); err != nil {
			return err
		}
	}
	return nil
}

func (t sqliteTransaction) lock(ctx context.Context, streams []change) error {
	return each(ctx, t, `INSERT INTO edge_streams (node, class, first_received_at, last_received_at) VALUES (?1, ?2, ?3, ?3) ON CONFLICT DO NOTHING`,
		streams, func(of change) []any { return []any{of.node, of.class, formatTime(of.newest.At)} })
}

func (t sqliteTransaction) ranges(ctx context.Context, within []epochRanges) ([]epochRanges, error) {
	prepared, err := t.PrepareContext(ctx, `SELECT first, last FROM edge_ranges WHERE node = ? AND class = ? AND epoch = ? AND last >= ? AND first <= ?`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = prepared.Close() }()
	var found []epochRanges
	for _, of := range within {
		first, last := of.neighborhood()
		rows, err := prepared.QueryContext(ctx, of.node, of.class, of.Epoch.String(), first, last)
		if err != nil {
			return nil, err
		}
		stored := epochRanges{epoch: of.epoch}
		for rows.Next() {
			var each outbox.Range
			if err := rows.Scan(&each.First, &each.Last); err != nil {
				return nil, err
			}
			stored.ranges.Add(each)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, err
		}
		found = append(found, stored)
	}
	return found, nil
}

func (t sqliteTransaction) digests(ctx context.Context, keys []outbox.Key) (map[outbox.Key]digest, error) {
	found := map[outbox.Key]digest{}
	for _, key := range keys {
		var stored []byte
		err := t.QueryRowContext(ctx, `SELECT digest FROM edge_messages WHERE node = ? AND class = ? AND epoch = ? AND sequence = ?`,
			key.Node, key.Class, key.Epoch.String(), int64(key.Sequence)).Scan(&stored)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var text digest
		copy(text[:], stored)
		found[key] = text
	}
	return found, nil
}

func (t sqliteTransaction) insert(ctx context.Context, messages []item) error {
	return each(ctx, t, `INSERT INTO edge_messages
		(node, class, epoch, sequence, received_at, time, type, subject, content_type, value, unit, data, data_binary, digest)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (node, class, epoch, sequence) DO NOTHING`,
		messages, func(of item) []any {
			value, unit := reading(of.event)
			var at *string
			if !of.event.Time.IsZero() {
				at = optional(formatTime(of.event.Time))
			}
			var binary any
			if of.event.Binary != nil {
				binary = of.event.Binary
			}
			return []any{
				of.key.Node, of.key.Class, of.key.Epoch.String(), int64(of.key.Sequence), formatTime(of.At), at, of.event.Type,
				optional(of.event.Subject), optional(of.event.ContentType), value, unit, optional(string(of.event.Data)), binary, of.digest[:],
			}
		})
}

func (t sqliteTransaction) replaceRanges(ctx context.Context, removed, added []epochRange) error {
	if err := each(ctx, t, `DELETE FROM edge_ranges WHERE node = ? AND class = ? AND epoch = ? AND first = ? AND last = ?`, removed, rangeArguments); err != nil {
		return err
	}
	return each(ctx, t, `INSERT INTO edge_ranges (node, class, epoch, first, last) VALUES (?, ?, ?, ?, ?)`, added, rangeArguments)
}

func rangeArguments(of epochRange) []any {
	return []any{of.node, of.class, of.Epoch.String(), int64(of.First), int64(of.Last)}
}

func (t sqliteTransaction) update(ctx context.Context, streams []change) error {
	return each(ctx, t, `UPDATE edge_streams SET messages = messages + ?, duplicates = duplicates + ?, conflicts = conflicts + ?,
		rejected = rejected + ?, last_epoch = ?, last_sequence = ?, last_received_at = ? WHERE node = ? AND class = ?`,
		streams, func(of change) []any {
			return []any{
				of.messages, of.duplicates, of.conflicts, of.rejected, of.newest.key.Epoch.String(), int64(of.newest.key.Sequence),
				formatTime(of.newest.At), of.node, of.class,
			}
		})
}

func (t sqliteTransaction) quarantine(ctx context.Context, items []item) error {
	if len(items) == 0 {
		return nil
	}
	err := each(ctx, t, `INSERT INTO edge_quarantine
		(digest, topic, payload, reason, detail, node, class, epoch, sequence, received, first_received_at, last_received_at)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1, ?10, ?10)
		ON CONFLICT (digest) DO UPDATE SET received = received + 1, last_received_at = excluded.last_received_at`,
		items, func(of item) []any {
			digest := of.quarantineDigest()
			payload := of.Payload
			if payload == nil {
				payload = []byte{}
			}
			arguments := []any{digest[:], asText(of.Topic), payload, string(of.rejection.reason), asText(of.rejection.detail)}
			if of.key.Sequence == 0 {
				arguments = append(arguments, nil, nil, nil, nil)
			} else {
				arguments = append(arguments, of.key.Node, of.key.Class, of.key.Epoch.String(), int64(of.key.Sequence))
			}
			return append(arguments, formatTime(of.At))
		})
	if err != nil {
		return err
	}
	_, err = t.ExecContext(ctx, `DELETE FROM edge_quarantine WHERE digest IN
		(SELECT digest FROM edge_quarantine WHERE sequence IS NULL ORDER BY last_received_at DESC LIMIT -1 OFFSET ?)`, quarantineLimit)
	return err
}

func (t sqliteTransaction) recordLosses(ctx context.Context, reports []item) error {
	for _, report := range reports {
		err := each(ctx, t, `INSERT INTO edge_losses (node, class, first, last, reason, reported_at) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (node, class, first) DO UPDATE SET last = max(last, excluded.last)`,
			report.losses, func(of outbox.Loss) []any {
				return []any{report.lossesFrom.node, report.lossesFrom.class, int64(of.First), int64(of.Last), string(of.Reason), formatTime(report.At)}
			})
		if err != nil {
			return err
		}
	}
	return nil
}
