package ingest

import (
	"fmt"
	"testing"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// BenchmarkWrite stores batches of 1000 messages, from one node or from as many.
func BenchmarkWrite(b *testing.B) {
	for _, nodes := range []int{1, 1000} {
		b.Run(fmt.Sprintf("nodes=%d", nodes), func(b *testing.B) {
			opened, err := OpenStore("sqlite:"+b.TempDir()+"/messages.db", "")
			if err != nil {
				b.Fatal(err)
			}
			defer opened.Close()
			sequence := uint64(0)
			for b.Loop() {
				var batch []Delivery
				for n := range 1000 {
					sequence++
					key := outbox.Key{Node: fmt.Sprintf("n%d", n%nodes), Class: "telemetry", Epoch: outbox.Epoch{Number: 1}, Sequence: (sequence-1)/uint64(nodes) + 1}
					batch = append(batch, deliver(key, edgeevents.Event{Type: edgeevents.TypeReading, Subject: "boiler", Data: []byte(`{"value":21.5,"unit":"Cel"}`)}))
				}
				if _, err := Write(b.Context(), opened, batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(sequence), "us/message")
		})
	}
}
