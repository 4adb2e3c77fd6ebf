package sitestate

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
)

// transaction holds the write lock of the database.
type transaction struct {
	*sql.Tx
	ctx context.Context
}

func (d *Database) transact(ctx context.Context, run func(*transaction) error) error {
	tx, err := d.file.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := run(&transaction{tx, ctx}); err != nil {
		return err
	}
	return tx.Commit()
}

func (t *transaction) exec(statement string, arguments ...any) error {
	_, err := t.ExecContext(t.ctx, statement, arguments...)
	return err
}

// get returns a record, or nil. A record that was withdrawn does not count.
func (t *transaction) get(name Name) (*Record, error) {
	found, err := t.selectRecords(`scope = ? AND key = ? AND NOT withdrawn`, name.Scope, name.Key)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

func (t *transaction) selectRecords(where string, arguments ...any) ([]Record, error) {
	changed, err := t.selectChanged(where, arguments...)
	records := make([]Record, len(changed))
	for index, each := range changed {
		records[index] = each.Record
	}
	return records, err
}

func (t *transaction) selectChanged(where string, arguments ...any) ([]Changed, error) {
	rows, err := t.QueryContext(t.ctx, `SELECT scope, key, value, deleted, milliseconds, counter, origin, schema, writes, extra, change, source, withdrawn
		FROM records WHERE `+where, arguments...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var found []Changed
	for rows.Next() {
		var each Changed
		var value, extra sql.NullString
		var writes string
		if err := rows.Scan(&each.Scope, &each.Key, &value, &each.Deleted, &each.Stamp.Milliseconds, &each.Stamp.Counter, &each.Origin, &each.Schema,
			&writes, &extra, &each.Change, &each.Source, &each.Withdrawn); err != nil {
			return nil, err
		}
		if value.Valid {
			each.Value = json.RawMessage(value.String)
		}
		if err := json.Unmarshal([]byte(writes), &each.Writes); err != nil {
			return nil, fmt.Errorf("record %s: writes: %w", each.Name, err)
		}
		if extra.Valid {
			if err := json.Unmarshal([]byte(extra.String), &each.extra); err != nil {
				return nil, fmt.Errorf("record %s: extra: %w", each.Name, err)
			}
		}
		found = append(found, each)
	}
	return found, rows.Err()
}

// nextChange returns a number that is greater than those of all changes before, also of records that are gone.
func (t *transaction) nextChange() (int64, error) {
	var change int64
	err := t.QueryRowContext(t.ctx, `UPDATE identity SET change = change + 1 RETURNING change`).Scan(&change)
	return change, err
}

// put stores a record that came from a site, or was written here.
func (t *transaction) put(r Record, source string) error {
	change, err := t.nextChange()
	if err != nil {
		return err
	}
	writes, err := json.Marshal(r.Writes)
	if err != nil {
		return err
	}
	optional := func(text []byte) any {
		if text == nil {
			return nil
		}
		return string(text)
	}
	return t.exec(`INSERT OR REPLACE INTO records
		(scope, key, value, deleted, milliseconds, counter, origin, schema, writes, extra, bucket, digest, change, source)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.Scope, r.Key, optional(r.Value), r.Deleted, r.Stamp.Milliseconds, r.Stamp.Counter, r.Origin, r.Schema, string(writes), optional(encodeExtra(r.extra)),
		r.bucket(), int64(r.digest()), change, source)
}

// visible is the condition for records that a site and the hub exchange.
const visible = ` (scope = ? OR scope = '` + Shared + `') AND NOT withdrawn `

// identityOf returns a column of the identity.
func (t *transaction) identityOf(column string) (int64, error) {
	var value int64
	err := t.QueryRowContext(t.ctx, `SELECT `+column+` FROM identity`).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, errors.New("the database has no identity")
	}
	return value, err
}
