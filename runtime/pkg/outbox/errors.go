package outbox

import "errors"

var (
	// ErrFull means that a message was refused because its class, or the disk, is full. The message is not kept.
	ErrFull = errors.New("outbox: full")
	// ErrUncertain means that a message may or may not be kept. If it is kept, it is delivered once. An Append that is
	// repeated may lead to two messages with different keys.
	ErrUncertain = errors.New("outbox: uncertain whether the message is kept")
	// ErrTooLarge means that a message exceeds the MaxMessageBytes of its class. The message is not kept.
	ErrTooLarge = errors.New("outbox: message too large")
	// ErrClosed means that the outbox is closed. The message is not kept.
	ErrClosed = errors.New("outbox: closed")
	// ErrNoMessage means that no message waits behind the position of a Reader.
	ErrNoMessage = errors.New("outbox: no message")
	// ErrRolledBack means that the cloud knows of messages that this disk does not: the disk is an older copy or has lost
	// writes, or another device uses the same node name.
	ErrRolledBack = errors.New("outbox: the disk is behind the cloud")
	// ErrWrongEpoch means that an acknowledged range is not of the given epoch.
	ErrWrongEpoch = errors.New("outbox: wrong epoch")
	// ErrTooManyRanges means that an acknowledgement would leave more than 512 separate ranges of acknowledged messages.
	// Acknowledge the messages between them first.
	ErrTooManyRanges = errors.New("outbox: too many separate ranges")
)
