package sitestate

import "context"

// refuse decides whether the hub takes a record. A record that is refused is at its site only.
func (d *Database) refuse(tx *transaction, incoming Record, stored *Record) (*Refusal, error) {
	entry := Entry{incoming.Name, incoming.Version()}
	if stored == nil {
		horizon, err := tx.identityOf("horizon")
		if err != nil {
			return nil, err
		}
		if incoming.Stamp.Milliseconds < horizon {
			return &Refusal{Entry: entry, Reason: Expired}, nil
		}
	}
	allowed := d.now() + d.MaxAhead.Milliseconds()
	var replaced Stamp
	if stored != nil {
		replaced = stored.Stamp
		allowed = max(allowed, replaced.Milliseconds)
	}
	if incoming.Stamp.Milliseconds <= allowed {
		return nil, nil
	}
	instead := newStamp(d.Clock(), replaced)
	return &Refusal{Entry: entry, Reason: Ahead, Instead: &instead}, nil
}

// handleRefusals replaces stamps and withdraws records as the hub demands, unless they have changed since.
func (d *Database) handleRefusals(tx *transaction, _ string, message Message) ([]Message, error) {
	if d.isHub() {
		return nil, nil
	}
	var again []Record
	for _, refusal := range message.Refused {
		stored, err := tx.get(refusal.Name)
		if err != nil {
			return nil, err
		}
		if stored == nil || stored.Version() != refusal.Version {
			continue
		}
		if refusal.Reason == Ahead {
			if err := d.logConflict(tx, Ahead, *stored, nil); err != nil {
				return nil, err
			}
			stored.Stamp = *refusal.Instead
			if err := tx.put(*stored, ""); err != nil {
				return nil, err
			}
			again = append(again, *stored)
			continue
		}
		if err := d.withdraw(tx, *stored); err != nil {
			return nil, err
		}
	}
	return recordMessages(again), nil
}

// withdraw removes a record that may have been deleted elsewhere. A tombstone is no longer needed. A value leaves a mark, from
// which readers of the changes learn that it is gone.
func (d *Database) withdraw(tx *transaction, stored Record) error {
	if stored.Deleted {
		return tx.exec(`DELETE FROM records WHERE scope = ? AND key = ?`, stored.Scope, stored.Key)
	}
	if err := d.logConflict(tx, Expired, stored, nil); err != nil {
		return err
	}
	change, err := tx.nextChange()
	if err != nil {
		return err
	}
	return tx.exec(`UPDATE records SET value = NULL, deleted = 1, withdrawn = 1, change = ? WHERE scope = ? AND key = ?`, change, stored.Scope, stored.Key)
}

// Forget lets the hub forget tombstones that are older than Retention. Call it at the start and every hour.
func (d *Database) Forget(ctx context.Context) error {
	if !d.isHub() {
		return nil
	}
	return d.transact(ctx, func(tx *transaction) error {
		now, retention := d.now(), d.Retention.Milliseconds()
		completeSince, err := tx.identityOf("complete_since")
		if err != nil {
			return err
		}
		lastUsed, err := tx.identityOf("last_used")
		if err != nil {
			return err
		}
		// The database is that of a backup, was not used for long, or the clock was or is wrong: it may lack records.
		if now-lastUsed > retention/2 || now < completeSince {
			completeSince = now
		}
		if err := tx.exec(`UPDATE identity SET complete_since = ?, last_used = ?`, completeSince, now); err != nil {
			return err
		}
		horizon := now - retention
		if horizon <= completeSince {
			return nil
		}
		if err := tx.exec(`UPDATE identity SET horizon = max(horizon, ?)`, horizon); err != nil {
			return err
		}
		return tx.exec(`DELETE FROM records WHERE deleted AND milliseconds < ?`, horizon)
	})
}
