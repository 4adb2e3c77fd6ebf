package ingest

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// postgresTransaction passes each step as arrays, in one statement.
type postgresTransaction struct{ pgx.Tx }

// exec runs a statement unless it has nothing to do.
func (t postgresTransaction) exec(ctx context.Context, rows int, statement string, arguments ...any) error {
	if rows == 0 {
		return nil
	}
	_, err := t.Exec(ctx, statement, arguments...)
	return err
}

func (t postgresTransaction) lock(ctx context.Context, streams []change) error {
	nodes, classes, times := column(streams, func(of change) string { return of.node }), column(streams, func(of change) string { return of.class }),
		column(streams, func(of change) time.Time { return of.newest.At })
	if err := t.exec(ctx, len(streams), `INSERT INTO edge_streams (node, class, first_received_at, last_received_at)
		SELECT node, class, at, at FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS new (node, class, at)
		ORDER BY node COLLATE "C", class COLLATE "C" ON CONFLICT DO NOTHING`, nodes, classes, times); err != nil {
		return err
	}
	return t.exec(ctx, len(streams), `SELECT FROM edge_streams AS streams
		JOIN unnest($1::text[], $2::text[]) AS wanted (node, class) USING (node, class)
		ORDER BY node COLLATE "C", class COLLATE "C" FOR UPDATE OF streams`, nodes, classes)
}

func (t postgresTransaction) ranges(ctx context.Context, within []epochRanges) ([]epochRanges, error) {
	if len(within) == 0 {
		return nil, nil
	}
	rows, err := t.Query(ctx, `SELECT wanted.index::int, stored.first, stored.last
		FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[]) WITH ORDINALITY AS wanted (node, class, epoch, first, last, index)
		JOIN edge_ranges AS stored ON stored.node = wanted.node AND stored.class = wanted.class AND stored.epoch = wanted.epoch
			AND stored.last >= wanted.first AND stored.first <= wanted.last`,
		column(within, func(of epochRanges) string { return of.node }), column(within, func(of epochRanges) string { return of.class }),
		column(within, func(of epochRanges) string { return of.Epoch.String() }),
		column(within, func(of epochRanges) int64 { first, _ := of.neighborhood(); return first }),
		column(within, func(of epochRanges) int64 { _, last := of.neighborhood(); return last }))
	if err != nil {
		return nil, err
	}
	found := make([]epochRanges, len(within))
	for index, of := range within {
		found[index].epoch = of.epoch
	}
	var index int
	var stored outbox.Range
	_, err = pgx.ForEachRow(rows, []any{&index, &stored.First, &stored.Last}, func() error {
		found[index-1].ranges.Add(stored)
		return nil
	})
	return found, err
}

func (t postgresTransaction) digests(ctx context.Context, keys []outbox.Key) (map[outbox.Key]digest, error) {
	found := map[outbox.Key]digest{}
	if len(keys) == 0 {
		return found, nil
	}
	rows, err := t.Query(ctx, `SELECT wanted.index::int, stored.digest
		FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) WITH ORDINALITY AS wanted (node, class, epoch, sequence, index)
		JOIN edge_messages AS stored USING (node, class, epoch, sequence)`,
		column(keys, func(of outbox.Key) string { return of.Node }), column(keys, func(of outbox.Key) string { return of.Class }),
		column(keys, func(of outbox.Key) string { return of.Epoch.String() }), column(keys, func(of outbox.Key) int64 { return int64(of.Sequence) }))
	if err != nil {
		return nil, err
	}
	var index int
	var stored []byte
	_, err = pgx.ForEachRow(rows, []any{&index, &stored}, func() error {
		var text digest
		copy(text[:], stored)
		found[keys[index-1]] = text
		return nil
	})
	return found, err
}

func (t postgresTransaction) insert(ctx context.Context, messages []item) error {
	times, values, units := make([]*time.Time, len(messages)), make([]*float64, len(messages)), make([]*string, len(messages))
	data, binaries := make([]*string, len(messages)), make([][]byte, len(messages))
	for index, each := range messages {
		if !each.event.Time.IsZero() {
			times[index] = &each.event.Time
		}
		values[index], units[index] = reading(each.event)
		switch {
		case each.event.Data == nil:
			binaries[index] = each.event.Binary
		case fitsJSONB(each.event.Data):
			data[index] = optional(string(each.event.Data))
		default:
			binaries[index] = each.event.Data
		}
	}
	return t.exec(ctx, len(messages), `INSERT INTO edge_messages
		(node, class, epoch, sequence, received_at, time, type, subject, content_type, value, unit, data, data_binary, digest)
		SELECT node, class, epoch, sequence, received_at, time, type, subject, content_type, value, unit, data::jsonb, data_binary, digest
		FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[], $9::text[],
			$10::double precision[], $11::text[], $12::text[], $13::bytea[], $14::bytea[])
		AS new (node, class, epoch, sequence, received_at, time, type, subject, content_type, value, unit, data, data_binary, digest)
		ON CONFLICT DO NOTHING`,
		column(messages, func(of item) string { return of.key.Node }), column(messages, func(of item) string { return of.key.Class }),
		column(messages, func(of item) string { return of.key.Epoch.String() }), column(messages, func(of item) int64 { return int64(of.key.Sequence) }),
		column(messages, func(of item) time.Time { return of.At }), times, column(messages, func(of item) string { return of.event.Type }),
		column(messages, func(of item) *string { return optional(of.event.Subject) }),
		column(messages, func(of item) *string { return optional(of.event.ContentType) }), values, units, data, binaries,
		column(messages, func(of item) []byte { return of.digest[:] }))
}

func (t postgresTransaction) replaceRanges(ctx context.Context, removed, added []epochRange) error {
	columns := func(of []epochRange) []any {
		return []any{
			column(of, func(of epochRange) string { return of.node }), column(of, func(of epochRange) string { return of.class }),
			column(of, func(of epochRange) string { return of.Epoch.String() }),
			column(of, func(of epochRange) int64 { return int64(of.First) }), column(of, func(of epochRange) int64 { return int64(of.Last) }),
		}
	}
	if err := t.exec(ctx, len(removed), `DELETE FROM edge_ranges AS stored
		USING unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[]) AS old (node, class, epoch, first, last)
		WHERE stored.node = old.node AND stored.class = old.class AND stored.epoch = old.epoch AND stored.first = old.first AND stored.last = old.last`,
		columns(removed)...); err != nil {
		return err
	}
	return t.exec(ctx, len(added), `INSERT INTO edge_ranges (node, class, epoch, first, last)
		SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])`, columns(added)...)
}

func (t postgresTransaction) update(ctx context.Context, streams []change) error {
	return t.exec(ctx, len(streams), `UPDATE edge_streams AS stored SET messages = stored.messages + new.messages,
		duplicates = stored.duplicates + new.duplicates, conflicts = stored.conflicts + new.conflicts, rejected = stored.rejected + new.rejected,
		last_epoch = new.epoch, last_sequence = new.sequence, last_received_at = new.at
		FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::bigint[], $9::timestamptz[])
		AS new (node, class, messages, duplicates, conflicts, rejected, epoch, sequence, at)
		WHERE stored.node = new.node AND stored.class = new.class`,
		column(streams, func(of change) string { return of.node }), column(streams, func(of change) string { return of.class }),
		column(streams, func(of change) int64 { return of.messages }), column(streams, func(of change) int64 { return of.duplicates }),
		column(streams, func(of change) int64 { return of.conflicts }), column(streams, func(of change) int64 { return of.rejected }),
		column(streams, func(of change) string { return of.newest.key.Epoch.String() }),
		column(streams, func(of change) int64 { return int64(of.newest.key.Sequence) }), column(streams, func(of change) time.Time { return of.newest.At }))
}

func (t postgresTransaction) quarantine(ctx context.Context, items []item) error {
	for _, each := range items {
		var node, class, epoch *string
		var sequence *int64
		if each.key.Sequence != 0 {
			number := int64(each.key.Sequence)
			node, class, epoch, sequence = &each.key.Node, &each.key.Class, optional(each.key.Epoch.String()), &number
		}
		payload, digest := each.Payload, each.quarantineDigest()
		if payload == nil {
			payload = []byte{}
		}
		if _, err := t.Exec(ctx, `INSERT INTO edge_quarantine AS stored
			(digest, topic, payload, reason, detail, node, class, epoch, sequence, received, first_received_at, last_received_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $10)
			ON CONFLICT (digest) DO UPDATE SET received = stored.received + 1, last_received_at = excluded.last_received_at`,
			digest[:], asText(each.Topic), payload, string(each.rejection.reason), asText(each.rejection.detail), node, class, epoch, sequence, each.At); err != nil {
			return err
		}
	}
	return t.exec(ctx, len(items), `DELETE FROM edge_quarantine WHERE digest IN
		(SELECT digest FROM edge_quarantine WHERE sequence IS NULL ORDER BY last_received_at DESC OFFSET $1)`, quarantineLimit)
}

func (t postgresTransaction) recordLosses(ctx context.Context, reports []item) error {
	for _, report := range reports {
		for _, each := range report.losses {
			if _, err := t.Exec(ctx, `INSERT INTO edge_losses AS stored (node, class, first, last, reason, reported_at) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (node, class, first) DO UPDATE SET last = greatest(stored.last, excluded.last)`,
				report.lossesFrom.node, report.lossesFrom.class, int64(each.First), int64(each.Last), string(each.Reason), report.At); err != nil {
				return err
			}
		}
	}
	return nil
}

// column returns a value of each element.
func column[T, V any](of []T, value func(T) V) []V {
	values := make([]V, len(of))
	for index, each := range of {
		values[index] = value(each)
	}
	return values
}
