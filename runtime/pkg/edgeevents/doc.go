// Package edgeevents defines what edge agents and the cloud send each other: topics, the envelope of messages, and
// acknowledgements.
//
// A message is a CloudEvent 1.0 in the structured JSON format. Its source and id are the key that the outbox gave it:
//
//	topic    skerry/v1/up/gateway-3/telemetry
//	source   skerry/gateway-3/telemetry
//	id       7-0123456789abcdef/42
//	sequence 42
//
// The outbox keeps an event without source, id and sequence, because its key is not known before it is kept:
//
//	body, err := event.Encode()                      // goes into the outbox
//	key, err := queue.Append(ctx, body)
//	payload := edgeevents.Seal(key, body)            // goes to the broker
//	message, err := edgeevents.Decode(payload)       // in the cloud
//
// The package uses the standard library and the types of the outbox only, so that it costs the agent little.
package edgeevents
