// Package outbox keeps messages on disk until the cloud has acknowledged them.
//
// An [Outbox] has a [Queue] for each class of messages. A queue is a log of segment files. [Queue.Append] keeps a message,
// a [Reader] reads messages for sending, and [Queue.Acknowledge] records that the cloud has stored messages.
//
//	box, err := outbox.Open(outbox.Options{
//		Dir:  "/var/lib/agent/outbox",
//		Node: "gateway-3",
//		Classes: []outbox.Class{
//			{Name: "alarms", MaxBytes: 64 << 20, WhenFull: outbox.Refuse},
//			{Name: "telemetry", MaxBytes: 8 << 30, MaxAge: 30 * 24 * time.Hour, WhenFull: outbox.DropOldest},
//		},
//	})
//	queue := box.Queue("telemetry")
//	key, err := queue.Append(ctx, payload)               // on disk when err is nil
//	live := queue.Reader(queue.Newest() + 1)             // one lane
//	backlog := queue.Reader(0)                           // the other lane
//	message, err := backlog.Next()                       // ErrNoMessage at the end; queue.Wait waits for more
//	err = queue.Acknowledge(message.Key.Epoch, outbox.Range{First: 40, Last: 57})
//
// # What is promised
//
//   - A message whose Append returned without an error is delivered, until it is acknowledged, or dropped by the limits of
//     its class and reported. This holds after kill -9, a power cut, a full disk and failing writes.
//   - Messages of a class are read in the order in which they were appended.
//   - An Append that returned an error other than ErrUncertain leaves no message. After ErrUncertain, the message may be
//     delivered.
//   - A [Key] belongs to one message for good. A receiver that stores messages by key stores each once, however often it
//     is sent.
//   - Nothing is deleted before it is durable that it may be: an acknowledgement, a drop or a loss.
//   - A damaged record costs the messages that it hit. The others of its file are delivered, because each record has a
//     checksum of its own. What is lost is reported as a range of sequences. A damaged file is never written again, and is
//     deleted when its other messages are acknowledged.
//   - Open fails rather than overwrite a state, or remove a file, of which nothing can be read.
//   - Acknowledgement and deletion work on a full disk: the state of a queue is overwritten in place, in space that is
//     taken when the queue is created. File systems that copy on write (btrfs, ZFS, F2FS) need free space for that;
//     Acknowledge returns their error, and nothing is lost.
//   - Memory does not depend on the number of messages: about 100 bytes for each segment, 32 KiB for each reader, and up
//     to 256 KiB, or the largest message, for what is being written.
//
// # What is not promised
//
//   - A disk that reports a flush which did not happen loses messages. The outbox reports that only if it finds a gap, or
//     [Queue.CheckRollback] an earlier state.
//   - Damage to the last batch before a crash cannot be told from a write that the power cut tore. It is reported as
//     [LossTorn], or counted in TornBytes if it is at the very end, not as [LossCorrupt]. Closing the outbox, or a later
//     acknowledgement or batch, removes the doubt.
//   - A checksum of 32 bits misses one of 4 billion damaged records. It is no protection against a person who can write
//     to the disk.
//   - On Windows, folders cannot be flushed, so the names of new files are only as durable as NTFS makes them.
//
// # Keys, epochs and restored disks
//
// A key is the node, the class, the epoch and the sequence. Each [Open] begins a new epoch, with a number and 64 random
// bits. The epoch is durable before the first Append. A disk that was restored, rolled back or cloned therefore never
// gives a key that another run has given. It needs no check and no connection for that. Messages that waited on the copy
// keep their keys, so that the cloud recognizes the repetition.
//
// Sequences count the messages of a class, from 1, and continue over epochs. Gaps are lost messages, which the outbox
// reports, unless a disk was restored: then two epochs have the same sequences.
//
// [Queue.CheckRollback] tells an operator that a disk went back, by comparison with the newest message that the cloud has.
// It cannot tell so if the cloud has received nothing since the copy was made, or more than 64 epochs ago. Neither it nor
// the epoch can tell that a virtual machine was resumed from a snapshot of its memory: no Open happens, and the
// resumed process continues its epoch. Two devices with the same node name are safe, but look like a rollback.
//
// # Failed writes and fsync
//
// After a failed fsync, Linux may mark pages as clean that are not on disk. Another fsync then succeeds and proves
// nothing (https://wiki.postgresql.org/wiki/Fsync_Errors; Rebello et al., "Can Applications Recover from fsync
// Failures?", USENIX ATC 2020). Therefore:
//
//   - A segment whose write or fsync failed is never written again. It ends where the last successful fsync left it.
//   - The batch is still in memory. It is written once more, into a new file. If that fails too, Append returns the error.
//   - After a start, the last batch of the last segment and the newest state are written again, with the same bytes,
//     before anything relies on them: the process may have died after a failed fsync, and what it left in the kernel's
//     memory reads as if it were on disk.
//
// A full disk counts as a full class: Refuse returns ErrFull, DropOldest frees a segment and tries again.
//
// # Time
//
// The outbox uses no wall clock. Age is running time: it continues from the latest time on disk and does not count the
// time without power. A step of the clock neither drops a message nor keeps it. Messages become older than they appear,
// never younger, so none is dropped before its MaxAge. Messages are dropped by segment; a segment spans at most an eighth
// of MaxAge and the time until the following message.
//
// # How to check
//
// The tests run the outbox against a model over power cuts that keep any subset of unsynced sectors, failures of each
// operation, every bit flipped in and every truncation of the last segment, full disks, and 200 kills of a real process:
//
//	go test ./pkg/outbox -v [-seed N]
//	go test ./pkg/outbox -fuzz FuzzScan
//
// On a device, Metrics has what was lost, dropped and refused, and why.
package outbox
