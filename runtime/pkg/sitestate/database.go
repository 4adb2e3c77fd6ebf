package sitestate

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/sqlitedb"
)

//go:embed migrations
var migrationFiles embed.FS

// Hub is the name of the cloud, which exchanges records with all sites.
const Hub = "cloud"

// Options configure a database.
type Options struct {
	Path string
	// Site is the name of this site, or Hub. Default: that of an existing database.
	Site string
	// Clock returns the time. Default: time.Now.
	Clock func() time.Time
	// MaxAhead is how far a stamp may be ahead of the hub's clock. Default: 5 minutes.
	MaxAhead time.Duration
	// Retention is how long the hub keeps tombstones. Default: 90 days.
	Retention time.Duration
}

// Database holds the records of a site or of the hub. Several processes may use it at the same time.
type Database struct {
	Options
	file *sql.DB
}

var (
	// ErrNotFound means that there is no such record.
	ErrNotFound = errors.New("not found")
	// ErrNewerSchema means that a record has a newer schema than the write that would replace it.
	ErrNewerSchema = errors.New("the record has a newer schema")
)

// Open opens or creates a database.
func Open(ctx context.Context, options Options) (*Database, error) {
	if options.Site != "" {
		if err := CheckSite(options.Site); err != nil {
			return nil, fmt.Errorf("site: %w", err)
		}
	} else if _, err := os.Stat(options.Path); err != nil {
		return nil, err
	}
	if options.Clock == nil {
		options.Clock = time.Now
	}
	if options.MaxAhead == 0 {
		options.MaxAhead = 5 * time.Minute
	}
	if options.Retention == 0 {
		options.Retention = 90 * 24 * time.Hour
	}
	// The folder is embedded.
	migrations, _ := fs.Sub(migrationFiles, "migrations")
	file, err := sqlitedb.Open(ctx, options.Path, migrations)
	if err != nil {
		return nil, err
	}
	d := &Database{Options: options, file: file}
	if err := d.transact(ctx, d.identify); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return d, nil
}

// identify notes to which site a new database belongs, and checks it otherwise.
func (d *Database) identify(tx *transaction) error {
	var site string
	err := tx.QueryRowContext(tx.ctx, `SELECT site FROM identity`).Scan(&site)
	switch {
	case errors.Is(err, sql.ErrNoRows) && d.Site == "":
		return errors.New("the database belongs to no site")
	case errors.Is(err, sql.ErrNoRows):
		now := d.now()
		return tx.exec(`INSERT INTO identity (site, complete_since, last_used, horizon, change) VALUES (?, ?, ?, 0, 0)`, d.Site, now, now)
	case err == nil && d.Site == "":
		d.Site = site
	case err == nil && site != d.Site:
		return fmt.Errorf("the database belongs to site %q, not %q", site, d.Site)
	}
	return err
}

// Close closes the database.
func (d *Database) Close() error { return d.file.Close() }

// now returns the time in milliseconds.
func (d *Database) now() int64 { return d.Clock().UnixMilli() }

func (d *Database) isHub() bool { return d.Site == Hub }

// holds tells whether the database has the records of a scope.
func (d *Database) holds(scope string) bool { return d.isHub() || scope == Shared || scope == d.Site }

// Set writes a value. The version of its schema must not be older than that of the value it replaces.
func (d *Database) Set(ctx context.Context, name Name, value json.RawMessage, schema int) (Record, error) {
	if !json.Valid(value) {
		return Record{}, errors.New("value: must be JSON")
	}
	compact, err := CompactJSON(value)
	if err != nil {
		return Record{}, err
	}
	return d.write(ctx, Record{Name: name, Value: compact, Schema: schema})
}

// Delete replaces a value by a tombstone. It returns ErrNotFound if there is none.
func (d *Database) Delete(ctx context.Context, name Name) (Record, error) {
	return d.write(ctx, Record{Name: name, Deleted: true})
}

func (d *Database) write(ctx context.Context, written Record) (Record, error) {
	err := d.transact(ctx, func(tx *transaction) error {
		stored, err := tx.get(written.Name)
		if err != nil {
			return err
		}
		written.Origin, written.Writes = d.Site, map[string]uint64{}
		var replaced Stamp
		if stored != nil {
			for site, count := range stored.Writes {
				written.Writes[site] = count
			}
			replaced = stored.Stamp
		}
		switch {
		case written.Deleted && (stored == nil || stored.Deleted):
			return ErrNotFound
		case written.Deleted:
			written.Schema = stored.Schema
		case stored != nil && !stored.Deleted && stored.Schema > written.Schema:
			return fmt.Errorf("%w: %d, the write has %d", ErrNewerSchema, stored.Schema, written.Schema)
		}
		written.Stamp = newStamp(d.Clock(), replaced)
		written.Writes[d.Site]++
		if err := written.check(); err != nil {
			return err
		}
		if !d.holds(written.Scope) {
			return fmt.Errorf("scope: %q: must be %s or * at this site", written.Scope, d.Site)
		}
		return tx.put(written, "")
	})
	return written, err
}

// Get returns a record that is not deleted, or ErrNotFound.
func (d *Database) Get(ctx context.Context, name Name) (Record, error) {
	var found *Record
	err := d.transact(ctx, func(tx *transaction) (err error) {
		found, err = tx.get(name)
		return err
	})
	if err == nil && (found == nil || found.Deleted) {
		err = ErrNotFound
	}
	if err != nil {
		return Record{}, err
	}
	return *found, nil
}

// List returns the records whose key begins with a prefix, without tombstones, sorted by scope and key.
func (d *Database) List(ctx context.Context, prefix string) ([]Record, error) {
	var found []Record
	err := d.transact(ctx, func(tx *transaction) (err error) {
		found, err = tx.selectRecords(`NOT deleted AND substr(key, 1, length(?1)) = ?1 ORDER BY scope, key`, prefix)
		return err
	})
	return found, err
}

// Changed is a record that changed.
type Changed struct {
	Record
	// Change is greater than that of all earlier changes of this database.
	Change int64
	// Source is the site from which the record came, or empty.
	Source string
	// Withdrawn tells that the hub has refused the record and the site has removed it.
	Withdrawn bool
}

// Changes returns up to a number of records that changed after a change, with tombstones, in the order of the changes.
func (d *Database) Changes(ctx context.Context, after int64, limit int) ([]Changed, error) {
	var found []Changed
	err := d.transact(ctx, func(tx *transaction) (err error) {
		found, err = tx.selectChanged(`change > ? ORDER BY change LIMIT ?`, after, limit)
		return err
	})
	return found, err
}

// LastChange returns the greatest change that was ever given.
func (d *Database) LastChange(ctx context.Context) (int64, error) {
	var last int64
	err := d.file.QueryRowContext(ctx, `SELECT change FROM identity`).Scan(&last)
	return last, err
}
