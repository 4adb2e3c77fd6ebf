package relay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

var (
	// ErrNoRoute means that no route gives the topic of a message a class.
	ErrNoRoute = errors.New("relay: no route for the topic")
	// ErrInvalid means that a message cannot be an event.
	ErrInvalid = errors.New("relay: invalid message")
)

// reservedPrefix begins the topics of Skerry itself.
const reservedPrefix = "skerry/"

// Route gives messages on matching topics a class.
type Route struct{ Filter, Class string }

// Keeper keeps devices' messages in the queues of an outbox.
type Keeper struct {
	Routes []Route
	// Queue returns the queue of a class.
	Queue func(class string) *outbox.Queue
	// Now is the wall clock, which dates messages. Default: time.Now.
	Now func() time.Time
}

// Keep begins to keep a message. The first route that matches its topic counts.
func (k *Keeper) Keep(topic string, payload []byte, contentType string) (*outbox.PendingAppend, error) {
	class, ok := k.route(topic)
	if !ok {
		return nil, fmt.Errorf("%w: %.200q", ErrNoRoute, topic)
	}
	now := k.Now
	if now == nil {
		now = time.Now
	}
	event := edgeevents.Event{Type: edgeevents.TypeDeviceMessage, Subject: topic, Time: now().UTC()}
	if isJSON(payload) {
		event.Data = payload
	} else {
		event.Binary, event.ContentType = payload, contentType
		if event.Binary == nil {
			event.Binary = []byte{}
		}
	}
	body, err := event.Encode()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return k.Queue(class).Enqueue(body)
}

// isJSON tells whether a payload is JSON in UTF-8. The first byte tells it of most others, for each of which Valid would
// allocate an error.
func isJSON(payload []byte) bool {
	text := bytes.TrimLeft(payload, " \t\r\n")
	return len(text) > 0 && strings.IndexByte(`{["-0123456789tfn`, text[0]) >= 0 && json.Valid(text) && utf8.Valid(text)
}

func (k *Keeper) route(topic string) (string, bool) {
	if strings.HasPrefix(topic, reservedPrefix) {
		return "", false
	}
	for _, each := range k.Routes {
		if mqtt.Matches(each.Filter, topic) {
			return each.Class, true
		}
	}
	return "", false
}

// filters returns the filters to subscribe to. Those that others contain are left out, because a broker may send a message
// once for each filter that matches.
func (k *Keeper) filters() []string {
	var filters []string
	for index, each := range k.Routes {
		contained := slices.ContainsFunc(k.Routes[:index], func(other Route) bool { return mqtt.Covers(other.Filter, each.Filter) }) ||
			slices.ContainsFunc(k.Routes[index+1:], func(other Route) bool {
				return other.Filter != each.Filter && mqtt.Covers(other.Filter, each.Filter)
			})
		if !contained {
			filters = append(filters, each.Filter)
		}
	}
	return filters
}

// Refusal is why a message was not kept.
type Refusal struct {
	// Name is a label of metrics.
	Name string
	// Code is the reason of MQTT 5.
	Code byte
	// Permanent tells that the same message would be refused again.
	Permanent bool
}

// refusalOf returns the refusal that an error of Keep, or of waiting for it, means.
func refusalOf(err error) Refusal {
	switch {
	case errors.Is(err, outbox.ErrFull):
		return Refusal{Name: "Full", Code: packets.ErrQuotaExceeded.Code}
	case errors.Is(err, outbox.ErrTooLarge):
		return Refusal{Name: "TooLarge", Code: packets.ErrPacketTooLarge.Code, Permanent: true}
	case errors.Is(err, ErrNoRoute):
		return Refusal{Name: "NoRoute", Code: packets.ErrTopicNameInvalid.Code, Permanent: true}
	case errors.Is(err, ErrInvalid):
		return Refusal{Name: "Invalid", Code: packets.ErrTopicNameInvalid.Code, Permanent: true}
	}
	return Refusal{Name: "Disk", Code: packets.ErrUnspecifiedError.Code}
}
