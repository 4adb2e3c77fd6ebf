package sitestate

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
)

// Message is what a site and the hub send each other. A message may get lost, be repeated, or arrive late.
type Message struct {
	// Protocol is 1.
	Protocol int `json:"protocol"`
	// Digests has 8 bytes for each bucket: the digests of its records, combined by exclusive or.
	Digests []byte `json:"digests,omitempty"`
	// Summary lists the versions in some buckets.
	Summary *Summary `json:"summary,omitempty"`
	// Records are to be merged.
	Records []Record `json:"records,omitempty"`
	// Refused are records that the hub has refused.
	Refused []Refusal `json:"refused,omitempty"`
}

// Summary lists all versions in some buckets.
type Summary struct {
	Buckets  []int   `json:"buckets"`
	Versions []Entry `json:"versions"`
	// Answer tells that the summary answers another one. It is not answered by a summary.
	Answer bool `json:"answer,omitempty"`
}

// Entry is the version of a record.
type Entry struct {
	Name
	Version
}

// Refusal tells a site that the hub has not taken a record.
type Refusal struct {
	Entry
	// Reason is Ahead or Expired.
	Reason Reason `json:"reason"`
	// Instead is the stamp that the record must have instead, if the reason is Ahead.
	Instead *Stamp `json:"instead,omitempty"`
}

const (
	protocol = 1
	// maxMessageBytes is where a message is divided. A single record or bucket may exceed it.
	maxMessageBytes = 192 << 10
)

// Encode returns the payload of a message.
func (m Message) Encode() ([]byte, error) {
	m.Protocol = protocol
	return json.Marshal(m)
}

// DecodeMessage parses the payload of a message. Members that it does not know are ignored, except those of records, which
// are kept. Records that are invalid are left out and returned as problems, so that they do not keep others back.
func DecodeMessage(payload []byte) (decoded Message, problems []error, err error) {
	if decoded, err = decodeMessage(payload); err != nil {
		return Message{}, nil, err
	}
	valid := decoded.Records[:0]
	for index, each := range decoded.Records {
		if err := each.check(); err != nil {
			problems = append(problems, fmt.Errorf("records[%d].%w", index, err))
			continue
		}
		valid = append(valid, each)
	}
	decoded.Records = valid
	return decoded, problems, nil
}

func decodeMessage(payload []byte) (Message, error) {
	var decoded Message
	if err := json.Unmarshal(payload, &decoded); err != nil {
		return Message{}, fmt.Errorf("must be JSON: %w", err)
	}
	if decoded.Protocol != protocol {
		return Message{}, fmt.Errorf("protocol: %d: must be %d", decoded.Protocol, protocol)
	}
	if decoded.Digests != nil && len(decoded.Digests) != 8*buckets {
		return Message{}, fmt.Errorf("digests: %d bytes: must be %d", len(decoded.Digests), 8*buckets)
	}
	if decoded.Summary != nil {
		for _, bucket := range decoded.Summary.Buckets {
			if bucket < 0 || bucket >= buckets {
				return Message{}, fmt.Errorf("summary.buckets: %d: must be from 0 to %d", bucket, buckets-1)
			}
		}
	}
	for index, each := range decoded.Refused {
		if each.Reason != Ahead && each.Reason != Expired {
			return Message{}, fmt.Errorf("refused[%d].reason: %q: must be one of %s, %s", index, each.Reason, Ahead, Expired)
		}
		if (each.Reason == Ahead) != (each.Instead != nil) {
			return Message{}, fmt.Errorf("refused[%d].instead: is required with the reason %s, and only then", index, Ahead)
		}
	}
	if decoded.Digests == nil && decoded.Summary == nil && decoded.Records == nil && decoded.Refused == nil {
		return Message{}, errors.New("must not be empty")
	}
	return decoded, nil
}

// encodeDigests returns the member Digests.
func encodeDigests(digests [buckets]uint64) []byte {
	var text bytes.Buffer
	_ = binary.Write(&text, binary.BigEndian, digests)
	return text.Bytes()
}

// differing returns the buckets whose digests differ.
func differing(digests [buckets]uint64, theirs []byte) []int {
	var found []int
	for bucket := range buckets {
		if digests[bucket] != binary.BigEndian.Uint64(theirs[8*bucket:]) {
			found = append(found, bucket)
		}
	}
	return found
}

// recordMessages divides records into messages.
func recordMessages(records []Record) []Message {
	var messages []Message
	size := 0
	for _, each := range records {
		added := len(each.Value) + 512
		if len(messages) == 0 || size+added > maxMessageBytes {
			messages = append(messages, Message{})
			size = 0
		}
		last := &messages[len(messages)-1]
		last.Records = append(last.Records, each)
		size += added
	}
	return messages
}
