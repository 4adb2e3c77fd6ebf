// Package relay keeps the messages of local devices in the outbox.
//
// A [Listener] is the devices' broker for publishing: it sends PUBACK when the message is on disk, and not before. A
// [Subscriber] takes messages from another broker, such as Mosquitto: it sends PUBACK to that broker when the message is on
// disk, but that broker has acknowledged the message to the device before, from memory. A device that wants to know uses
// request and response of MQTT 5: the subscriber answers when the message is on disk.
//
// What cannot be kept is refused: a listener answers with a reason in MQTT 5, and closes the connection in MQTT 3.1.1,
// which has no way to refuse a message. It never acknowledges a message that it did not keep.
package relay
