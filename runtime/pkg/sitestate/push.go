package sitestate

// Push returns the messages that tell a peer what changed. Changes that came from the peer are left out.
func (d *Database) Push(peer string, changed []Changed) []Message {
	var records []Record
	for _, each := range changed {
		if each.Source != peer && !each.Withdrawn && (each.Scope == Shared || each.Scope == d.siteOf(peer)) {
			records = append(records, each.Record)
		}
	}
	return recordMessages(records)
}
