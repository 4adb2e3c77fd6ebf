// Package mqtt has clients of MQTT 3.1.1 and 5, and the connection that they share with a listener.
//
// The caller decides when a message is acknowledged. A [Client] passes messages to a callback and publishes packets. A
// [BlockingClient] has methods that wait, and limits what is in flight:
//
//	client, err := mqtt.ConnectBlocking(ctx, mqtt.Options{Address: "mqtts://broker", ClientID: "ingest-1"})
//	err = client.Subscribe(ctx, "$share/ingest/up/#")
//	message, err := client.Receive(ctx)
//	…                                          // store it
//	err = client.Acknowledge(message)          // sends PUBACK
//	err = client.Publish(ctx, mqtt.Outgoing{Topic: "down/1", Payload: payload})
//
// Neither reconnects: the caller must know when a connection ended, because the broker may send messages again that were not
// acknowledged. [Backoff] says how long to wait before the next attempt. Packets are encoded and decoded by mochi-mqtt's codec.
package mqtt
