// Package mqtt is a small client of MQTT 3.1.1 and 5, and the connection that client and listener share.
//
// It leaves to its caller when a message is acknowledged: a client passes each message on with its packet identifier and
// sends PUBACK only when the caller says so. Packets are encoded and decoded by mochi-mqtt's codec.
package mqtt
