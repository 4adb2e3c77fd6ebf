package edgeevents

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// ContentType is the MQTT 5 content type of a message.
const ContentType = "application/cloudevents+json"

// Types of events.
const (
	// TypeReading is a measurement of a sensor. Its data is a Reading, its subject the name of the sensor.
	TypeReading = "dev.skerry.sensor.reading.v1"
	// TypeDeviceMessage is what a local device published. Its subject is the device's topic.
	TypeDeviceMessage = "dev.skerry.device.message.v1"
)

// Event is what a message says. Together with a key it is a CloudEvent.
type Event struct {
	// Type must not be empty.
	Type string
	// Subject is the name of a sensor or the topic of a device.
	Subject string
	// Time is when something was measured, by the clock of the device. It is never used as a key. Zero means unknown.
	Time time.Time
	// Data is the content if it is JSON.
	Data json.RawMessage
	// Binary is the content if it is not JSON. It must be nil if Data is not.
	Binary []byte
	// ContentType is the media type of the content. Empty means application/json if the content is JSON.
	ContentType string
}

// Reading is the data of a measurement.
type Reading struct {
	Value float64 `json:"value"`
	// Unit is a code of the Unified Code for Units of Measure (UCUM), such as "Cel".
	Unit string `json:"unit,omitempty"`
}

// Encode returns the event as JSON without source, id and sequence, which Seal adds.
func (e Event) Encode() ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	if e.Data != nil && (!utf8.Valid(e.Data) || !json.Valid(e.Data)) {
		return nil, errors.New("data: must be JSON")
	}
	body := make([]byte, 0, 160+len(e.Data)+base64.StdEncoding.EncodedLen(len(e.Binary)))
	body = append(body, `{"specversion":"1.0"`...)
	body = appendMember(body, "type", e.Type)
	if e.Subject != "" {
		body = appendMember(body, "subject", e.Subject)
	}
	if !e.Time.IsZero() {
		body = append(e.Time.UTC().AppendFormat(append(body, `,"time":"`...), time.RFC3339Nano), '"')
	}
	if e.ContentType != "" {
		body = appendMember(body, "datacontenttype", e.ContentType)
	}
	if e.Data != nil {
		body = append(append(body, `,"data":`...), e.Data...)
	}
	if e.Binary != nil {
		// Base64 needs no quoting.
		body = append(base64.StdEncoding.AppendEncode(append(body, `,"data_base64":"`...), e.Binary), '"')
	}
	return append(body, '}'), nil
}

// Seal adds the key to an event that Encode returned. The result is the payload of a message.
func Seal(key outbox.Key, body []byte) []byte {
	payload := make([]byte, 0, len(body)+160)
	payload = append(payload, `{"source":"`...)
	payload = append(payload, Source(key)...)
	payload = append(payload, `","id":"`...)
	payload = append(payload, ID(key)...)
	payload = append(payload, `","sequence":"`...)
	payload = append(payload, formatSequence(key.Sequence)...)
	payload = append(payload, `",`...)
	return append(payload, body[1:]...)
}

func appendMember(body []byte, name, value string) []byte {
	body = append(body, `,"`...)
	body = append(body, name...)
	body = append(body, `":`...)
	if isPlain(value) {
		body = append(append(body, '"'), value...)
		return append(body, '"')
	}
	// The text is valid UTF-8, so Marshal returns no error.
	quoted, _ := json.Marshal(value)
	return append(body, quoted...)
}

// isPlain tells whether JSON quotes a text as it is. Most texts are plain, and Marshal would allocate memory for each.
func isPlain(text string) bool {
	for index := range len(text) {
		if c := text[index]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return false
		}
	}
	return true
}

// check checks everything but the syntax of the content.
func (e Event) check() error {
	if e.Type == "" {
		return errors.New("type: must not be empty")
	}
	if e.Data != nil && e.Binary != nil {
		return errors.New("data, data_base64: must not both be set")
	}
	if year := e.Time.UTC().Year(); year < 0 || year > 9999 {
		return fmt.Errorf("time: year %d: must be between 0 and 9999", year)
	}
	for _, each := range []struct{ name, value string }{
		{"type", e.Type}, {"subject", e.Subject}, {"datacontenttype", e.ContentType},
	} {
		if err := checkText(each.name, each.value); err != nil {
			return err
		}
	}
	return nil
}

// maxAttributeBytes limits each attribute. MQTT topics, which are subjects, have at most 65,535 bytes.
const maxAttributeBytes = 65535

// checkText checks what CloudEvents demands of a string.
func checkText(name, value string) error {
	if len(value) > maxAttributeBytes {
		return fmt.Errorf("%s: %d bytes: must have at most %d", name, len(value), maxAttributeBytes)
	}
	if !utf8.ValidString(value) {
		return fmt.Errorf("%s: must be UTF-8", name)
	}
	for _, each := range value {
		if unicode.IsControl(each) {
			return fmt.Errorf("%s: %.100q: must have no control characters", name, value)
		}
	}
	return nil
}
