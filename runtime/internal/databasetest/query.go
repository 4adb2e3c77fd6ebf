// Package databasetest lets tests ask the databases of the ingest.
package databasetest

import (
	"database/sql"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"
)

// Query returns the rows of a query as texts. It returns nothing if the tables do not exist yet.
func Query(t *testing.T, location, text string) [][]string {
	t.Helper()
	rows, err := TryQuery(location, text)
	if err != nil && !strings.Contains(err.Error(), "no such table") && !strings.Contains(err.Error(), "does not exist") {
		t.Fatal(err)
	}
	return rows
}

// TryQuery returns the rows of a query as texts, from a database that may not answer.
func TryQuery(location, text string) ([][]string, error) {
	driver, source := "pgx", location
	if path, isFile := strings.CutPrefix(location, "sqlite:"); isFile {
		driver, source = "sqlite", "file:"+path+"?_pragma=busy_timeout(10000)"
	}
	opened, err := sql.Open(driver, source)
	if err != nil {
		return nil, err
	}
	defer func() { _ = opened.Close() }()
	rows, err := opened.Query(text)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var found [][]string
	for rows.Next() {
		row, pointers := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for index := range row {
			pointers[index] = &row[index]
		}
		if err := rows.Scan(pointers...); err != nil {
			return nil, err
		}
		texts := make([]string, len(columns))
		for index, value := range row {
			texts[index] = value.String
		}
		found = append(found, texts)
	}
	return found, rows.Err()
}
