// Package ingest stores the messages of edge agents in a database, each once, and acknowledges them end to end.
//
// An [Ingester] subscribes at the cloud's broker, collects messages to batches, and stores each batch in one transaction of
// a [Store]. After the commit, and never before, it publishes acknowledgements to the agents and sends PUBACK to the
// broker. Several instances may share the messages, because they lock what they change.
//
// # What is promised
//
//   - A message that is acknowledged is in the database: in edge_messages, or in edge_quarantine with the reason.
//   - A message is stored once, however often it arrives: its key decides (node, class, epoch, sequence). The first content
//     counts. A repeated key with another content is counted as a conflict, and the content is kept in edge_quarantine.
//   - What cannot be stored never blocks other messages.
//   - A node writes only under its own name: the source of a message must agree with its topic, and the broker's access
//     rules decide who may publish there.
//   - While the database cannot be written, nothing is acknowledged. Agents keep their messages and send them again.
//
// Nothing depends on what the broker remembers.
//
// # Gaps and duplicates
//
// The table edge_ranges holds the received sequences of each epoch as ranges. It decides what is a duplicate, and the view
// edge_gaps derives from it what is missing. Sequences that an agent has reported as lost do not count as missing.
package ingest
