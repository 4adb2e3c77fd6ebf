package sitestate

import "context"

// Counts are numbers of what a database holds.
type Counts struct {
	Records, Tombstones int64
	Conflicts           map[Reason]int64
}

// Counts returns how much the database holds.
func (d *Database) Counts() (Counts, error) {
	counts := Counts{Conflicts: map[Reason]int64{}}
	err := d.transact(context.Background(), func(tx *transaction) error {
		if err := tx.QueryRow(`SELECT count(*) FILTER (WHERE NOT deleted), count(*) FILTER (WHERE deleted) FROM records`).Scan(&counts.Records, &counts.Tombstones); err != nil {
			return err
		}
		rows, err := tx.Query(`SELECT reason, count(*) FROM conflicts GROUP BY reason`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var reason Reason
			var count int64
			if err := rows.Scan(&reason, &count); err != nil {
				return err
			}
			counts.Conflicts[reason] = count
		}
		return rows.Err()
	})
	return counts, err
}
