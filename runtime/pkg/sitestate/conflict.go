package sitestate

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// Reason is why a record lost.
type Reason string

const (
	// Concurrent means that another record won, which was written without knowledge of this one.
	Concurrent Reason = "concurrent"
	// Ahead means that the stamp was too far ahead of the hub's clock, and was replaced.
	Ahead Reason = "ahead"
	// Expired means that the hub may have deleted the record, and has forgotten its tombstone.
	Expired Reason = "expired"
)

// Conflict is a record that lost.
type Conflict struct {
	RecordedAt time.Time `json:"recordedAt"`
	Reason     Reason    `json:"reason"`
	Loser      Record    `json:"loser"`
	// Winner is what won, if anything did.
	Winner *Winner `json:"winner,omitempty"`
}

// Winner names the version that won.
type Winner struct {
	Stamp  string `json:"stamp"`
	Origin string `json:"origin"`
}

// conflictLimit is how many conflicts are kept. The oldest ones are deleted.
const conflictLimit = 10_000

const timeFormat = "2006-01-02T15:04:05.000Z"

// logConflict records that a record lost, unless that was recorded before.
func (d *Database) logConflict(tx *transaction, reason Reason, loser Record, winner *Record) error {
	text, err := json.Marshal(loser)
	if err != nil {
		return err
	}
	var stamp, origin any
	if winner != nil {
		stamp, origin = winner.Stamp.String(), winner.Origin
	}
	version := loser.Version()
	if err := tx.exec(`INSERT INTO conflicts (recorded_at, reason, scope, key, loser, winner_stamp, winner_origin, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, d.Clock().UTC().Format(timeFormat), string(reason), loser.Scope, loser.Key, string(text), stamp, origin,
		fmt.Sprintf("%s/%s/%016x", version.Stamp, version.Origin, uint64(version.Digest))); err != nil {
		return err
	}
	return tx.exec(`DELETE FROM conflicts WHERE id <= (SELECT max(id) FROM conflicts) - ?`, conflictLimit)
}

// Conflicts returns the conflicts, the latest ones first.
func (d *Database) Conflicts(ctx context.Context) ([]Conflict, error) {
	rows, err := d.file.QueryContext(ctx, `SELECT recorded_at, reason, loser, winner_stamp, winner_origin FROM conflicts ORDER BY id DESC`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var found []Conflict
	for rows.Next() {
		var each Conflict
		var at, loser string
		var stamp, origin sql.NullString
		if err := rows.Scan(&at, &each.Reason, &loser, &stamp, &origin); err != nil {
			return nil, err
		}
		if each.RecordedAt, err = time.Parse(timeFormat, at); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(loser), &each.Loser); err != nil {
			return nil, err
		}
		if stamp.Valid {
			each.Winner = &Winner{Stamp: stamp.String, Origin: origin.String}
		}
		found = append(found, each)
	}
	return found, rows.Err()
}
