// Package sqlitedb opens SQLite databases in which a commit is durable, and migrates their schema.
package sqlitedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/skerry-dev/skerry/runtime/pkg/migrations"
)

// Open opens or creates a database and applies the migrations in a folder that it lacks. The database has one connection, so that transactions do not wait for each other inside SQLite.
func Open(ctx context.Context, path string, files fs.FS) (*sql.DB, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	// WAL with synchronous=FULL flushes at each commit. Immediate transactions take the write lock at once, so that they
	// cannot fail later.
	location := url.URL{Scheme: "file", Path: absolute, RawQuery: url.Values{
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)"}, "_txlock": {"immediate"},
	}.Encode()}
	database, err := sql.Open("sqlite", location.String())
	if err != nil {
		return nil, err
	}
	database.SetMaxOpenConns(1)
	if err := migrate(ctx, database, files); err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", path, err), database.Close())
	}
	return database, nil
}

func migrate(ctx context.Context, database *sql.DB, files fs.FS) error {
	transaction, err := database.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = transaction.Rollback() }()
	var version int
	if err := transaction.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	missing, err := migrations.After(files, version)
	if err != nil {
		return err
	}
	for _, each := range missing {
		if _, err := transaction.ExecContext(ctx, each.Text); err != nil {
			return fmt.Errorf("%s: %w", each.Name, err)
		}
		if _, err := transaction.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", each.Version)); err != nil {
			return err
		}
	}
	return transaction.Commit()
}

// RefusesData tells whether an error is about the values of a statement, and not about the database.
func RefusesData(err error) bool {
	var problem *sqlite.Error
	if !errors.As(err, &problem) {
		return false
	}
	switch problem.Code() & 0xff {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_RANGE:
		return true
	}
	return false
}
