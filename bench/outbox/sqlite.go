package main

import (
	"database/sql"
	"fmt"

	_ "modernc.org/sqlite"
)

// sqlite keeps messages in one table, by sequence, with a write-ahead log that is synced at each commit.
type sqlite struct {
	db    *sql.DB
	group group
	how   func(*sqlite, []byte) error
}

func openSQLite(path string, appendTo func(*sqlite, []byte) error) (store, error) {
	db, err := sql.Open("sqlite", fmt.Sprintf("file:%s?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)", path))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	opened := &sqlite{db: db, how: appendTo}
	opened.group.commit = opened.insert
	var synchronous int
	if err := db.QueryRow("PRAGMA synchronous").Scan(&synchronous); err != nil || synchronous != 2 {
		return nil, fmt.Errorf("synchronous is %d, must be 2: %w", synchronous, err)
	}
	_, err = db.Exec("CREATE TABLE IF NOT EXISTS message (sequence INTEGER PRIMARY KEY, payload BLOB NOT NULL)")
	return opened, err
}

func (s *sqlite) append(payload []byte) error { return s.how(s, payload) }

// appendGrouped shares a transaction with the appends that arrive during the transaction before.
func (s *sqlite) appendGrouped(payload []byte) error { return s.group.append(payload) }

// appendSingle uses one transaction per message.
func (s *sqlite) appendSingle(payload []byte) error { return s.insert([][]byte{payload}) }

func (s *sqlite) insert(payloads [][]byte) error {
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	statement, err := tx.Prepare("INSERT INTO message (payload) VALUES (?)")
	if err != nil {
		return err
	}
	defer statement.Close()
	for _, payload := range payloads {
		if _, err := statement.Exec(payload); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (s *sqlite) read() (int, error) {
	rows, err := s.db.Query("SELECT payload FROM message ORDER BY sequence")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	count := 0
	for rows.Next() {
		var payload sql.RawBytes
		if err := rows.Scan(&payload); err != nil {
			return count, err
		}
		count++
	}
	return count, rows.Err()
}

func (s *sqlite) close() error { return s.db.Close() }
