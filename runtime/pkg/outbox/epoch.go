package outbox

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// Epoch names one run of a queue, from Open to the next Open. No two runs share an epoch, not even two runs of copies of
// one disk, because its token is random.
type Epoch struct {
	// Number counts the runs on this disk, from 1. It orders the epochs of a disk that was never restored.
	Number uint64
	// Token distinguishes runs with the same number.
	Token uint64
}

// newEpoch returns the epoch after a number.
func newEpoch(previous uint64) Epoch {
	var token [8]byte
	// rand.Read never returns an error.
	_, _ = rand.Read(token[:])
	return Epoch{Number: previous + 1, Token: binary.LittleEndian.Uint64(token[:])}
}

// String returns the number and the token, such as "7-0123456789abcdef".
func (e Epoch) String() string { return fmt.Sprintf("%d-%016x", e.Number, e.Token) }

// ParseEpoch parses what String returns.
func ParseEpoch(text string) (Epoch, error) {
	number, token, _ := strings.Cut(text, "-")
	epoch := Epoch{}
	var errNumber, errToken error
	epoch.Number, errNumber = strconv.ParseUint(number, 10, 64)
	epoch.Token, errToken = strconv.ParseUint(token, 16, 64)
	if errNumber != nil || errToken != nil || epoch.String() != text {
		return Epoch{}, fmt.Errorf("epoch %q: must be a number, a hyphen and 16 hexadecimal digits", text)
	}
	return epoch, nil
}

func (e Epoch) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

func (e *Epoch) UnmarshalText(text []byte) error {
	epoch, err := ParseEpoch(string(text))
	if err == nil {
		*e = epoch
	}
	return err
}

// Key identifies a message for good: no other message ever gets the same key.
type Key struct {
	Node  string
	Class string
	Epoch Epoch
	// Sequence counts the messages of a class, from 1. It continues over epochs.
	Sequence uint64
}

// String returns the key as one text, such as "gateway-3/telemetry/7-0123456789abcdef/42".
func (k Key) String() string {
	return fmt.Sprintf("%s/%s/%s/%d", k.Node, k.Class, k.Epoch, k.Sequence)
}
