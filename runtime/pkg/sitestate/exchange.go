package sitestate

import (
	"context"
	"encoding/json"
)

// Digests returns a message from which a peer learns what differs: the name of a site at the hub, and Hub at a site.
func (d *Database) Digests(ctx context.Context, peer string) (Message, error) {
	var message Message
	err := d.transact(ctx, func(tx *transaction) error {
		digests, err := tx.digests(d.siteOf(peer))
		message = Message{Digests: encodeDigests(digests)}
		return err
	})
	return message, err
}

// siteOf returns the site whose records are exchanged with a peer.
func (d *Database) siteOf(peer string) string {
	if d.isHub() {
		return peer
	}
	return d.Site
}

// Handle merges a message of a peer, and returns what to answer. What it changed appears in Changes.
func (d *Database) Handle(ctx context.Context, peer string, message Message) ([]Message, error) {
	var answers []Message
	err := d.transact(ctx, func(tx *transaction) error {
		answers = nil
		if d.isHub() {
			if err := tx.exec(`INSERT OR REPLACE INTO sites (site, last_heard_at) VALUES (?, ?)`, peer, d.Clock().UTC().Format(timeFormat)); err != nil {
				return err
			}
		}
		for _, step := range []func(*transaction, string, Message) ([]Message, error){d.handleRecords, d.handleRefusals, d.handleDigests, d.handleSummary} {
			more, err := step(tx, peer, message)
			if err != nil {
				return err
			}
			answers = append(answers, more...)
		}
		return nil
	})
	return answers, err
}

// Sites returns the sites that the hub has heard of.
func (d *Database) Sites(ctx context.Context) ([]string, error) {
	rows, err := d.file.QueryContext(ctx, `SELECT site FROM sites ORDER BY site`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var sites []string
	for rows.Next() {
		var site string
		if err := rows.Scan(&site); err != nil {
			return nil, err
		}
		sites = append(sites, site)
	}
	return sites, rows.Err()
}

// handleRecords merges records. Those that do not concern the site are ignored.
func (d *Database) handleRecords(tx *transaction, peer string, message Message) ([]Message, error) {
	var refused []Refusal
	for _, incoming := range message.Records {
		if incoming.Scope != Shared && incoming.Scope != d.siteOf(peer) {
			continue
		}
		stored, err := tx.get(incoming.Name)
		if err != nil {
			return nil, err
		}
		if d.isHub() {
			refusal, err := d.refuse(tx, incoming, stored)
			if err != nil {
				return nil, err
			}
			if refusal != nil {
				refused = append(refused, *refusal)
				continue
			}
		}
		result := merge(stored, incoming)
		if result.loser != nil {
			winner := incoming
			if !result.take {
				winner = *stored
			}
			if err := d.logConflict(tx, Concurrent, *result.loser, &winner); err != nil {
				return nil, err
			}
		}
		if result.take {
			if err := tx.put(incoming, peer); err != nil {
				return nil, err
			}
		}
	}
	if len(refused) == 0 {
		return nil, nil
	}
	return []Message{{Refused: refused}}, nil
}

// handleDigests answers with summaries of the buckets that differ.
func (d *Database) handleDigests(tx *transaction, peer string, message Message) ([]Message, error) {
	if message.Digests == nil {
		return nil, nil
	}
	digests, err := tx.digests(d.siteOf(peer))
	if err != nil {
		return nil, err
	}
	return tx.summaries(d.siteOf(peer), differing(digests, message.Digests), false)
}

// handleSummary sends what the peer lacks, and asks for what it has by a summary of its own.
func (d *Database) handleSummary(tx *transaction, peer string, message Message) ([]Message, error) {
	if message.Summary == nil {
		return nil, nil
	}
	site := d.siteOf(peer)
	theirs := map[Name]Version{}
	for _, each := range message.Summary.Versions {
		theirs[each.Name] = each.Version
	}
	records, err := tx.inBuckets(site, message.Summary.Buckets)
	if err != nil {
		return nil, err
	}
	var wins []Record
	ours := map[Name]Version{}
	for _, each := range records {
		version := each.Version()
		ours[each.Name] = version
		if their, found := theirs[each.Name]; !found || version.Compare(their) > 0 {
			wins = append(wins, each)
		}
	}
	answers := recordMessages(wins)
	if message.Summary.Answer {
		return answers, nil
	}
	wanted := map[int]bool{}
	for name, version := range theirs {
		if our, found := ours[name]; !found || version.Compare(our) > 0 {
			wanted[name.bucket()] = true
		}
	}
	var ask []int
	for _, bucket := range message.Summary.Buckets {
		if wanted[bucket] {
			ask = append(ask, bucket)
		}
	}
	summaries, err := tx.summaries(site, ask, true)
	return append(answers, summaries...), err
}

func (t *transaction) digests(site string) (digests [buckets]uint64, err error) {
	rows, err := t.QueryContext(t.ctx, `SELECT bucket, digest FROM records WHERE`+visible, site)
	if err != nil {
		return digests, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var bucket int
		var digest int64
		if err := rows.Scan(&bucket, &digest); err != nil {
			return digests, err
		}
		digests[bucket] ^= uint64(digest)
	}
	return digests, rows.Err()
}

// inBuckets returns the records of buckets, sorted by bucket.
func (t *transaction) inBuckets(site string, wanted []int) ([]Record, error) {
	if len(wanted) == 0 {
		return nil, nil
	}
	// A list of numbers is valid JSON.
	list, _ := json.Marshal(wanted)
	return t.selectRecords(visible+` AND bucket IN (SELECT value FROM json_each(?)) ORDER BY bucket, scope, key`, site, string(list))
}

// summaries lists the versions in buckets, divided into messages.
func (t *transaction) summaries(site string, wanted []int, answer bool) ([]Message, error) {
	records, err := t.inBuckets(site, wanted)
	if err != nil {
		return nil, err
	}
	byBucket := map[int][]Entry{}
	for _, each := range records {
		byBucket[each.bucket()] = append(byBucket[each.bucket()], Entry{each.Name, each.Version()})
	}
	var messages []Message
	size := 0
	for _, bucket := range wanted {
		added := 8
		for _, each := range byBucket[bucket] {
			added += len(each.Scope) + len(each.Key) + 128
		}
		if len(messages) == 0 || size+added > maxMessageBytes {
			messages = append(messages, Message{Summary: &Summary{Versions: []Entry{}, Answer: answer}})
			size = 0
		}
		summary := messages[len(messages)-1].Summary
		summary.Buckets = append(summary.Buckets, bucket)
		summary.Versions = append(summary.Versions, byBucket[bucket]...)
		size += added
	}
	return messages, nil
}
