// Package mqttclient is an MQTT client for programs that decide themselves when a message is acknowledged. It speaks
// MQTT 3.1.1 and 5, publishes and subscribes with QoS 1, and uses the packets of mochi-mqtt.
//
// A [Client] is one connection. It never reconnects: a caller that has a promise to keep must know when a connection ended,
// because messages that it has not acknowledged come again, or not, depending on the broker. Sessions are clean, so that
// nothing depends on what a broker remembers.
//
//	client, err := mqttclient.Dial(ctx, mqttclient.Options{Address: "mqtts://broker:8883", TLS: config, ClientID: "ingest-1"})
//	err = client.Subscribe(ctx, "$share/ingest/up/#")
//	message, err := client.Receive(ctx)
//	…                                          // store it
//	err = client.Acknowledge(message)          // sends PUBACK
//	err = client.Publish(ctx, mqttclient.Outgoing{Topic: "down/1", Payload: payload})
package mqttclient
