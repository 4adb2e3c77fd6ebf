// Package edgechain tests the whole way of a message: device, edge agent, edge broker, bridge, cloud broker, ingest and
// database, all as processes. The brokers have the files that the charts render.
package edgechain
