package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"
)

const (
	createBaseline = `CREATE TABLE baseline (node TEXT NOT NULL, class TEXT NOT NULL, epoch TEXT NOT NULL, sequence BIGINT NOT NULL, payload TEXT NOT NULL,
		PRIMARY KEY (node, class, epoch, sequence))`
	insertBaseline = `INSERT INTO baseline VALUES ($1, $2, $3, $4, $5)`
)

// measureBaseline stores the payloads as they are, in transactions of the same size, and does nothing else: by prepared INSERT
// statements, or by COPY.
func measureBaseline(method, location string, nodes, batches int) (result, error) {
	all := make([][][]any, batches+1)
	for batch := range all {
		for n := range batchSize {
			key, payload := message(batch*batchSize+n, nodes)
			all[batch] = append(all[batch], []any{key.Node, key.Class, key.Epoch.String(), int64(key.Sequence), string(payload)})
		}
	}
	if method == "copy" {
		return measureCopy(location, all)
	}
	driver, source := "pgx", location
	if path, isFile := strings.CutPrefix(location, "sqlite:"); isFile {
		driver, source = "sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"
	}
	database, err := sql.Open(driver, source)
	if err != nil {
		return result{}, err
	}
	defer func() { _ = database.Close() }()
	database.SetMaxOpenConns(1)
	if _, err := database.Exec(createBaseline); err != nil {
		return result{}, err
	}
	return measure(len(all)-1, func(batch int) error {
		tx, err := database.Begin()
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		insert, err := tx.Prepare(insertBaseline)
		if err != nil {
			return err
		}
		defer func() { _ = insert.Close() }()
		for _, row := range all[batch] {
			if _, err := insert.Exec(row...); err != nil {
				return err
			}
		}
		return tx.Commit()
	})
}

func measureCopy(location string, all [][][]any) (result, error) {
	ctx := context.Background()
	connection, err := pgx.Connect(ctx, location)
	if err != nil {
		return result{}, err
	}
	defer func() { _ = connection.Close(ctx) }()
	if _, err := connection.Exec(ctx, createBaseline); err != nil {
		return result{}, err
	}
	return measure(len(all)-1, func(batch int) error {
		copied, err := connection.CopyFrom(ctx, pgx.Identifier{"baseline"}, []string{"node", "class", "epoch", "sequence", "payload"}, pgx.CopyFromRows(all[batch]))
		if err == nil && copied != batchSize {
			err = fmt.Errorf("%d of %d rows are copied", copied, batchSize)
		}
		return err
	})
}
