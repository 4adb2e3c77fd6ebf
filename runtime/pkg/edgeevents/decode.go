package edgeevents

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// Message is an event and its key.
type Message struct {
	Key outbox.Key
	Event
}

// Decode parses the payload of a message. Extension attributes that it does not know are checked and ignored, so that a
// newer agent can add some.
//
// If the key is readable but something else is wrong, the returned message has the key, so that the sender can be told
// to give the message up.
func Decode(payload []byte) (Message, error) {
	members, err := decodeMembers(payload)
	if err != nil {
		return Message{}, err
	}
	var message Message
	if message.Key, err = members.key(); err != nil {
		return Message{}, err
	}
	message.Event, err = members.event(message.Key)
	if err != nil {
		return Message{Key: message.Key}, err
	}
	return message, nil
}

// members are the members of a CloudEvent. Those that are null are absent, except data.
type members map[string]json.RawMessage

var attributeName = regexp.MustCompile(`^[a-z0-9]+$`)

// decodeMembers reads an object. Unlike json.Unmarshal, it distinguishes upper and lower case, and refuses a member that
// occurs twice.
func decodeMembers(payload []byte) (members, error) {
	if !utf8.Valid(payload) {
		return nil, errors.New("must be UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(payload))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("must be a JSON object")
	}
	found := members{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("must be JSON: %w", err)
		}
		name := token.(string)
		if !attributeName.MatchString(name) && name != "data_base64" {
			return nil, fmt.Errorf("%.100q: names of attributes must have lower-case letters and digits only", name)
		}
		if _, twice := found[name]; twice {
			return nil, fmt.Errorf("%s: must not occur twice", name)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, fmt.Errorf("must be JSON: %w", err)
		}
		found[name] = value
	}
	if _, err := decoder.Token(); err != nil {
		return nil, fmt.Errorf("must be JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("must have nothing after the JSON object")
	}
	for name, value := range found {
		if name != "data" && string(value) == "null" {
			delete(found, name)
		}
	}
	return found, nil
}

// text returns an attribute, or "" if it is absent.
func (m members) text(name string) (string, error) {
	raw, found := m[name]
	if !found {
		return "", nil
	}
	var value string
	if json.Unmarshal(raw, &value) != nil {
		return "", fmt.Errorf("%s: must be a string", name)
	}
	if value == "" {
		return "", fmt.Errorf("%s: must not be empty", name)
	}
	return value, checkText(name, value)
}

func (m members) required(name string) (string, error) {
	value, err := m.text(name)
	if err == nil && value == "" {
		err = fmt.Errorf("%s: is required", name)
	}
	return value, err
}

func (m members) key() (outbox.Key, error) {
	source, err := m.required("source")
	if err != nil {
		return outbox.Key{}, err
	}
	id, err := m.required("id")
	if err != nil {
		return outbox.Key{}, err
	}
	return ParseKey(source, id)
}

func (m members) event(key outbox.Key) (Event, error) {
	version, err := m.required("specversion")
	if err != nil {
		return Event{}, err
	}
	if version != "1.0" {
		return Event{}, fmt.Errorf("specversion: %.100q: must be 1.0", version)
	}
	sequence, err := m.required("sequence")
	if err != nil {
		return Event{}, err
	}
	if sequence != formatSequence(key.Sequence) {
		return Event{}, fmt.Errorf("sequence: %.100q: must be that of the id, %d", sequence, key.Sequence)
	}
	var event Event
	if event.Type, err = m.required("type"); err != nil {
		return Event{}, err
	}
	if event.Subject, err = m.text("subject"); err != nil {
		return Event{}, err
	}
	if event.ContentType, err = m.text("datacontenttype"); err != nil {
		return Event{}, err
	}
	at, err := m.text("time")
	if err != nil {
		return Event{}, err
	}
	if at != "" {
		if event.Time, err = time.Parse(time.RFC3339Nano, at); err != nil {
			return Event{}, fmt.Errorf("time: %.100q: must be as in RFC 3339", at)
		}
		event.Time = event.Time.UTC()
	}
	if err := m.content(&event); err != nil {
		return Event{}, err
	}
	for name, value := range m {
		if name != "data" && (value[0] == '{' || value[0] == '[') {
			return Event{}, fmt.Errorf("%s: must be a string, a number or a boolean", name)
		}
	}
	return event, event.check()
}

// content reads data and data_base64.
func (m members) content(event *Event) error {
	if data, found := m["data"]; found {
		if event.ContentType != "" && !isJSON(event.ContentType) {
			return fmt.Errorf("datacontenttype: %.100q: must be JSON if data is set", event.ContentType)
		}
		event.Data = data
	}
	raw, found := m["data_base64"]
	if !found {
		return nil
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return errors.New("data_base64: must be a string")
	}
	binary, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return errors.New("data_base64: must be base64")
	}
	event.Binary = binary
	return nil
}

// isJSON tells whether a media type is JSON.
func isJSON(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && (strings.HasSuffix(mediaType, "/json") || strings.HasSuffix(mediaType, "+json"))
}
