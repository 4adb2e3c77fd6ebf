// Package uplink sends the messages of an outbox to the cloud through any broker of MQTT 3.1.1 or 5.
//
// A message leaves the outbox when the cloud has acknowledged it end to end, and for no other reason: PUBACK only says that
// a broker has it. A message whose acknowledgement does not come in time is sent again, unless it may be queued in a broker.
//
// Messages that wait when a connection comes up are the backlog, later ones are live. Both are lanes with a stated share of
// the bytes, so that a long outage does not delay live messages, and live messages do not stop the draining. Each class has
// an equal part of the window, so that one whose acknowledgements fail does not stop the others.
package uplink
