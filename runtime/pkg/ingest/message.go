package ingest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// Delivery is what the broker delivered.
type Delivery struct {
	Topic   string
	Payload []byte
	// Truncated tells that the payload was larger than the ingest accepts, and was cut off.
	Truncated bool
	At        time.Time
}

// Reason is why something was put into quarantine.
type Reason string

const (
	// ReasonTopic means that the topic is not one of a node and a class.
	ReasonTopic Reason = "topic"
	// ReasonSize means that the payload was too large.
	ReasonSize Reason = "size"
	// ReasonEnvelope means that the payload is not a valid message.
	ReasonEnvelope Reason = "envelope"
	// ReasonSource means that the message claims to be from another node or class than its topic.
	ReasonSource Reason = "source"
	// ReasonDatabase means that the database refused the values of the message.
	ReasonDatabase Reason = "database"
	// ReasonConflict means that the key was stored before with another content.
	ReasonConflict Reason = "conflict"
)

// Reasons are all reasons.
var Reasons = []Reason{ReasonTopic, ReasonSize, ReasonEnvelope, ReasonSource, ReasonDatabase, ReasonConflict}

// rejection is why a delivery goes into quarantine.
type rejection struct {
	reason Reason
	detail string
}

// item is a delivery that was read.
type item struct {
	Delivery
	// key is zero if it could not be read or does not belong to the topic. Then the item is not acknowledged to the agent.
	key       outbox.Key
	event     edgeevents.Event
	digest    digest
	rejection *rejection
	// losses are set if the delivery is a report of losses. It has no key then.
	losses     []outbox.Loss
	lossesFrom stream
}

// stream is the messages of one class from one node.
type stream struct{ node, class string }

// digest identifies a content.
type digest [16]byte

// read reads a delivery.
func read(delivery Delivery) item {
	read := item{Delivery: delivery}
	reject := func(reason Reason, err error) item {
		read.rejection = &rejection{reason: reason, detail: err.Error()}
		return read
	}
	if node, class, err := edgeevents.ParseLossesTopic(delivery.Topic); err == nil {
		report, err := edgeevents.DecodeLosses(delivery.Payload)
		if err == nil {
			err = checkLosses(report.Losses)
		}
		if err != nil {
			return reject(ReasonEnvelope, err)
		}
		read.losses, read.lossesFrom = report.Losses, stream{node, class}
		return read
	}
	node, class, err := edgeevents.ParseUpTopic(delivery.Topic)
	if err != nil {
		return reject(ReasonTopic, err)
	}
	if delivery.Truncated {
		return reject(ReasonSize, fmt.Errorf("must have at most %d bytes", len(delivery.Payload)))
	}
	message, err := edgeevents.Decode(delivery.Payload)
	if message.Key.Sequence != 0 && (message.Key.Node != node || message.Key.Class != class) {
		return reject(ReasonSource, fmt.Errorf("source: %q: must agree with the topic", edgeevents.Source(message.Key)))
	}
	if message.Key.Sequence > math.MaxInt64 {
		return reject(ReasonEnvelope, fmt.Errorf("sequence: %d: must be at most %d", message.Key.Sequence, int64(math.MaxInt64)))
	}
	read.key = message.Key
	if err != nil {
		read.digest = digestOf(delivery.Payload)
		return reject(ReasonEnvelope, err)
	}
	read.event, read.digest = message.Event, contentDigest(message.Event)
	return read
}

// checkLosses checks what the database cannot store.
func checkLosses(losses []outbox.Loss) error {
	for index, each := range losses {
		if each.Last > math.MaxInt64 {
			return fmt.Errorf("losses[%d]: %d: must be at most %d", index, each.Last, int64(math.MaxInt64))
		}
	}
	return nil
}

// contentDigest returns a digest of everything that the device has written. It must never change, because contents are
// compared with those that were stored by earlier versions.
func contentDigest(event edgeevents.Event) digest {
	at := ""
	if !event.Time.IsZero() {
		at = event.Time.UTC().Format(time.RFC3339Nano)
	}
	return digestOf([]byte(event.Type), []byte(event.Subject), []byte(at), []byte(event.ContentType), event.Data, event.Binary)
}

// digestOf returns a digest of texts and of where they end.
func digestOf(texts ...[]byte) digest {
	hash := sha256.New()
	for _, each := range texts {
		_ = binary.Write(hash, binary.BigEndian, uint64(len(each)))
		_, _ = hash.Write(each)
	}
	return digest(hash.Sum(nil)[:len(digest{})])
}

// reading returns the measurement of a message, if it is one.
func reading(event edgeevents.Event) (value *float64, unit *string) {
	if event.Type != edgeevents.TypeReading || event.Data == nil {
		return nil, nil
	}
	var found struct {
		Value *float64 `json:"value"`
		Unit  *string  `json:"unit"`
	}
	var mismatch *json.UnmarshalTypeError
	if err := json.Unmarshal(event.Data, &found); err != nil && !errors.As(err, &mismatch) {
		return nil, nil
	}
	if found.Unit != nil && !isText(*found.Unit) {
		found.Unit = nil
	}
	return found.Value, found.Unit
}
