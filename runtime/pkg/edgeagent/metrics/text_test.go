package metrics

import (
	"bytes"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// TestTextIsWhatPrometheusReads parses the text with Prometheus' own parser.
func TestTextIsWhatPrometheusReads(t *testing.T) {
	text := &Text{}
	text.Gauge("depth", "Messages.").Sample(3)
	lost := text.Counter("lost_total", "Lost messages.")
	lost.Sample(1.5e9, Label{"class", "telemetry"}, Label{"reason", "Age"})
	lost.Sample(0.25, Label{"class", "a\"b\\c\nd"}, Label{"reason", ""})
	text.Counter("none_total", "No samples.")
	var written bytes.Buffer
	if _, err := text.WriteTo(&written); err != nil {
		t.Fatal(err)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(&written)
	if err != nil {
		t.Fatal(err)
	}
	if value := families["depth"].GetMetric()[0].GetGauge().GetValue(); value != 3 {
		t.Errorf("depth is %v", value)
	}
	metrics := families["lost_total"].GetMetric()
	if len(metrics) != 2 || metrics[0].GetCounter().GetValue() != 1.5e9 || metrics[1].GetCounter().GetValue() != 0.25 {
		t.Errorf("lost_total is %v", metrics)
	}
	if label := metrics[1].GetLabel()[0]; label.GetName() != "class" || label.GetValue() != "a\"b\\c\nd" {
		t.Errorf("the label is %v", label)
	}
}
