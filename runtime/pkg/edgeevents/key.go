package edgeevents

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

const sourcePrefix = "skerry/"

// Source returns the source attribute of a message: its node and class.
func Source(key outbox.Key) string { return sourcePrefix + key.Node + "/" + key.Class }

// ID returns the id attribute of a message: its epoch and sequence.
func ID(key outbox.Key) string { return key.Epoch.String() + "/" + formatSequence(key.Sequence) }

// ParseKey returns the key that the attributes source and id name.
func ParseKey(source, id string) (outbox.Key, error) {
	rest, found := strings.CutPrefix(source, sourcePrefix)
	node, class, separated := strings.Cut(rest, "/")
	if !found || !separated {
		return outbox.Key{}, fmt.Errorf("source: %.300q: must be skerry/<node>/<class>", source)
	}
	if err := outbox.CheckNode(node); err != nil {
		return outbox.Key{}, fmt.Errorf("source: node %w", err)
	}
	if err := outbox.CheckClass(class); err != nil {
		return outbox.Key{}, fmt.Errorf("source: class %w", err)
	}
	epochText, sequenceText, separated := strings.Cut(id, "/")
	if !separated {
		return outbox.Key{}, fmt.Errorf("id: %.100q: must be <epoch>/<sequence>", id)
	}
	epoch, err := outbox.ParseEpoch(epochText)
	if err != nil {
		return outbox.Key{}, fmt.Errorf("id: epoch %.100q: must be a number, a hyphen and 16 hexadecimal digits", epochText)
	}
	sequence, err := parseSequence(sequenceText)
	if err != nil {
		return outbox.Key{}, fmt.Errorf("id: %w", err)
	}
	return outbox.Key{Node: node, Class: class, Epoch: epoch, Sequence: sequence}, nil
}

func formatSequence(sequence uint64) string { return strconv.FormatUint(sequence, 10) }

func parseSequence(text string) (uint64, error) {
	sequence, err := strconv.ParseUint(text, 10, 64)
	if err != nil || sequence == 0 || formatSequence(sequence) != text {
		return 0, fmt.Errorf("sequence %.100q: must be a decimal number from 1 without leading zeros", text)
	}
	return sequence, nil
}
