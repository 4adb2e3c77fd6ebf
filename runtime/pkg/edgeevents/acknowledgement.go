package edgeevents

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// Acknowledgement tells an agent which messages of an epoch the cloud's database has committed. Messages that it had
// committed before are acknowledged again, because the acknowledgement before may have been lost.
type Acknowledgement struct {
	Epoch outbox.Epoch `json:"epoch"`
	// Ranges are sorted and do not overlap.
	Ranges []outbox.Range `json:"ranges"`
}

// Encode returns the payload of an acknowledgement.
func (a Acknowledgement) Encode() ([]byte, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	return json.Marshal(a)
}

// DecodeAcknowledgement parses the payload of an acknowledgement.
func DecodeAcknowledgement(payload []byte) (Acknowledgement, error) {
	// An epoch that is absent must not be taken for the epoch 0.
	var decoded struct {
		Epoch  *outbox.Epoch  `json:"epoch"`
		Ranges []outbox.Range `json:"ranges"`
	}
	if err := decodeStrict(payload, &decoded); err != nil {
		return Acknowledgement{}, err
	}
	if decoded.Epoch == nil {
		return Acknowledgement{}, errors.New("epoch: is required")
	}
	acknowledgement := Acknowledgement{Epoch: *decoded.Epoch, Ranges: decoded.Ranges}
	return acknowledgement, acknowledgement.check()
}

func (a Acknowledgement) check() error {
	if len(a.Ranges) == 0 {
		return errors.New("ranges: must not be empty")
	}
	last := uint64(0)
	for index, each := range a.Ranges {
		path := fmt.Sprintf("ranges[%d]", index)
		if err := checkRange(path, each); err != nil {
			return err
		}
		if each.First <= last {
			return fmt.Errorf("%s: %d to %d: must be after %d", path, each.First, each.Last, last)
		}
		last = each.Last
	}
	return nil
}

// Losses tells the cloud which messages of a class a node will never deliver, so that they do not count as missing. A
// node publishes it retained, when it connects and when it has lost messages: what Metrics of the queue returns.
type Losses struct {
	Losses []outbox.Loss `json:"losses"`
}

// Encode returns the payload of a report of losses.
func (l Losses) Encode() ([]byte, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	return json.Marshal(l)
}

// DecodeLosses parses the payload of a report of losses.
func DecodeLosses(payload []byte) (Losses, error) {
	var decoded Losses
	if err := decodeStrict(payload, &decoded); err != nil {
		return Losses{}, err
	}
	return decoded, decoded.check()
}

func (l Losses) check() error {
	for index, each := range l.Losses {
		path := fmt.Sprintf("losses[%d]", index)
		if each.Reason == "" {
			return fmt.Errorf("%s.reason: must not be empty", path)
		}
		if err := checkText(path+".reason", string(each.Reason)); err != nil {
			return err
		}
		if err := checkRange(path, each.Range); err != nil {
			return err
		}
	}
	return nil
}

func checkRange(path string, within outbox.Range) error {
	if within.First == 0 || within.First > within.Last {
		return fmt.Errorf("%s: %d to %d: must not be empty or begin at 0", path, within.First, within.Last)
	}
	return nil
}

// decodeStrict parses JSON without unknown fields.
func decodeStrict(payload []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("must be JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("must have nothing after the JSON object")
	}
	return nil
}
