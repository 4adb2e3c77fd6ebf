package edgeagent

import (
	"maps"
	"slices"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/metrics"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/sensors"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/uplink"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

const prefix = "skerry_edge_agent_"

// present returns the open outbox and the running sensors, or nil.
func (a *Agent) present() (*outbox.Outbox, *sensors.Group) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.box, a.sensors
}

// metrics returns all metrics. Those of the outbox that survive restarts are said to in their help.
func (a *Agent) metrics() *metrics.Text {
	text := &metrics.Text{}
	a.outboxMetrics(text)
	a.uplinkMetrics(text)
	a.relayMetrics(text)
	a.sensorMetrics(text)
	return text
}

func (a *Agent) outboxMetrics(text *metrics.Text) {
	box, _ := a.present()
	if box == nil {
		return
	}
	queues := box.Metrics()
	each := func(family metrics.Family, value func(outbox.Metrics) float64) {
		for _, queue := range queues {
			family.Sample(value(queue), metrics.Label{Name: "class", Value: queue.Class})
		}
	}
	each(text.Gauge(prefix+"queue_depth", "Messages that wait for the cloud's acknowledgement."), func(m outbox.Metrics) float64 { return float64(m.Depth) })
	each(text.Gauge(prefix+"queue_bytes", "Space that the messages take on disk."), func(m outbox.Metrics) float64 { return float64(m.Bytes) })
	each(text.Gauge(prefix+"queue_max_bytes", "Space that the messages may take on disk."), func(m outbox.Metrics) float64 { return float64(m.MaxBytes) })
	each(text.Gauge(prefix+"oldest_message_age_seconds", "Running time since the oldest waiting message was kept."), func(m outbox.Metrics) float64 { return m.OldestAge.Seconds() })
	each(text.Counter(prefix+"messages_appended_total", "Messages that were kept."), func(m outbox.Metrics) float64 { return float64(m.Appended) })
	each(text.Counter(prefix+"messages_refused_total", "Messages that were not kept because their class or the disk was full."), func(m outbox.Metrics) float64 { return float64(m.Refused) })
	each(text.Counter(prefix+"messages_acknowledged_total", "Messages that the cloud has acknowledged. Survives restarts."), func(m outbox.Metrics) float64 { return float64(m.Acknowledged) })
	each(text.Counter(prefix+"failed_writes_total", "Writes that the disk failed."), func(m outbox.Metrics) float64 { return float64(m.FailedWrites) })
	lost := text.Counter(prefix+"messages_lost_total", "Messages that will never be delivered. Survives restarts.")
	for _, queue := range queues {
		for _, reason := range []outbox.LossReason{outbox.LossAge, outbox.LossCorrupt, outbox.LossFull, outbox.LossTorn} {
			lost.Sample(float64(queue.Lost[reason]), metrics.Label{Name: "class", Value: queue.Class}, metrics.Label{Name: "reason", Value: string(reason)})
		}
	}
}

func (a *Agent) uplinkMetrics(text *metrics.Text) {
	snapshot := a.uplinkCounts.Snapshot()
	text.Gauge(prefix+"connected", "1 while the agent is connected to the broker of the uplink.").Sample(number(snapshot.Connected))
	last := 0.0
	if !snapshot.LastAcknowledgement.IsZero() {
		last = float64(snapshot.LastAcknowledgement.UnixNano()) / float64(time.Second)
	}
	text.Gauge(prefix+"last_acknowledgement_timestamp_seconds", "When the cloud acknowledged messages last, or 0.").Sample(last)
	sent := text.Counter(prefix+"messages_sent_total", "Messages that were sent, each time that they were.")
	for _, class := range snapshot.Classes {
		for _, lane := range []uplink.Lane{uplink.Backlog, uplink.Live} {
			sent.Sample(float64(class.Sent[lane]), metrics.Label{Name: "class", Value: class.Class}, metrics.Label{Name: "lane", Value: lane.String()})
		}
	}
	each := func(family metrics.Family, value func(uplink.ClassSnapshot) uint64) {
		for _, class := range snapshot.Classes {
			family.Sample(float64(value(class)), metrics.Label{Name: "class", Value: class.Class})
		}
	}
	each(text.Counter(prefix+"messages_resent_total", "Messages that were sent again because no acknowledgement came in time."), func(c uplink.ClassSnapshot) uint64 { return c.Resent })
	each(text.Counter(prefix+"broker_refused_total", "Messages that the broker refused. They are sent again."), func(c uplink.ClassSnapshot) uint64 { return c.Refused })
	each(text.Counter(prefix+"broker_oversized_total", "Messages that exceed what the broker accepts. They are kept."), func(c uplink.ClassSnapshot) uint64 { return c.Oversized })
}

func (a *Agent) relayMetrics(text *metrics.Text) {
	text.Gauge(prefix+"relay_connections", "Devices that are connected to the listener.").Sample(float64(a.relayCounts.Connections.Load()))
	text.Gauge(prefix+"relay_broker_connected", "1 while the agent is subscribed to the devices' broker.").Sample(number(a.relayCounts.BrokerConnected.Load()))
	text.Counter(prefix+"relay_kept_total", "Messages of devices that were kept.").Sample(float64(a.relayCounts.Kept.Load()))
	refused := text.Counter(prefix+"relay_refused_total", "Messages of devices that were not kept.")
	counts := a.relayCounts.Refused()
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		refused.Sample(float64(counts[reason]), metrics.Label{Name: "reason", Value: reason})
	}
}

func (a *Agent) sensorMetrics(text *metrics.Text) {
	readings := a.readings()
	each := func(family metrics.Family, value func(sensors.Reading) uint64) {
		for _, reading := range readings {
			family.Sample(float64(value(reading)), metrics.Label{Name: "sensor", Value: reading.Name})
		}
	}
	each(text.Counter(prefix+"sensor_readings_total", "Readings that were kept."), func(r sensors.Reading) uint64 { return r.Readings })
	each(text.Counter(prefix+"sensor_errors_total", "Readings that failed or were not kept."), func(r sensors.Reading) uint64 { return r.Errors })
}

func number(value bool) float64 {
	if value {
		return 1
	}
	return 0
}
