// Package sitestate holds the state of sites and of the cloud, and makes it the same again after they were disconnected.
//
// A site is a place with a database of its own. The cloud is the hub: every site exchanges records with it, and none with
// another site. Each [Database] is a SQLite file. [Database.Set] and [Database.Delete] work without a connection.
//
// # Records
//
// A [Record] has a scope and a key. The scope is the name of a site, or "*" for records that all sites share. The cloud and
// one site, or all, have the records of a scope. A record has a value, and what decides whether it wins: a [Stamp], its
// origin and a digest.
//
// # Which write wins
//
// Of two records with the same scope and key, the one with the greater stamp wins; if they are equal, the one with the
// greater origin; if these are equal too, the one with the greater digest. Merging is commutative, associative and
// idempotent, so the order, loss and repetition of messages do not matter.
//
// A stamp is a hybrid logical clock: a time in milliseconds and a counter. A write gets the greater one of the wall clock
// and the successor of the stamp that it replaces. Therefore a write wins over what its author saw, whatever the clocks of
// the two were. The clock is kept for each record, so that one wrong stamp does not affect other records.
//
// # Conflicts
//
// A record names how often each site has written it (a version vector). If the winner was written without knowledge of
// the loser, the loser is kept in the log of conflicts, wherever it is overwritten or refused.
//
// # Clocks
//
// The clock of the hub is the reference, because devices start in 1970 and jump. A site accepts what the hub sends. The
// hub refuses a record whose stamp is more than MaxAhead before its clock, unless the stamp has the same time as the record
// that it replaces. The refusal names a stamp that the site writes into its record instead. That is safe because no other
// database has the record: everything passes through the hub.
//
// # Deletions
//
// A deletion leaves a tombstone, which wins or loses like any record. The hub forgets tombstones after Retention, and notes
// up to which time it has done so: the horizon. It refuses records that it does not have and that are older than the
// horizon: they may have been deleted. The site then withdraws its record and keeps it in the log of conflicts. Thus a
// backup of a site, or a site that was away for long, brings back nothing. A new record is refused for that reason only if it
// took longer than Retention to reach the hub.
//
// The horizon advances only while the hub's database has been in use for all of Retention. A hub that lost its database, or
// was restored, gets everything from the sites, provided the backup is younger than half of Retention.
//
// # How databases become equal
//
// Each side sends what changed. That may get lost. Therefore a site sends, when it connects and every minute, digests of
// its records in 256 buckets. The hub answers with a summary of the buckets that differ, and both send what the other does
// not have. Nothing is assumed about what was sent before, so this also repairs a database that was restored from a
// backup.
//
// # Schema versions
//
// A record names the version of its value's schema. Values are never interpreted here, so newer ones are passed on as they
// are, and so are members of a record that a newer program has added. A write must not have an older schema than what it
// replaces.
package sitestate
