// Package metrics writes metrics in the text format of Prometheus. The agent has so few of them that the client library,
// a third of the agent's size, is not worth it.
package metrics

import (
	"io"
	"strconv"
	"strings"
)

// Text collects metrics.
type Text struct{ text strings.Builder }

// Label is a label of a sample.
type Label struct{ Name, Value string }

// Gauge begins a family of gauges.
func (t *Text) Gauge(name, help string) Family { return t.begin(name, help, "gauge") }

// Counter begins a family of counters.
func (t *Text) Counter(name, help string) Family { return t.begin(name, help, "counter") }

func (t *Text) begin(name, help, kind string) Family {
	t.text.WriteString("# HELP " + name + " " + help + "\n# TYPE " + name + " " + kind + "\n")
	return Family{text: &t.text, name: name}
}

// Family is a metric with all its labels. Its samples must be written before another family begins.
type Family struct {
	text *strings.Builder
	name string
}

var escape = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

// Sample writes a value.
func (f Family) Sample(value float64, labels ...Label) {
	f.text.WriteString(f.name)
	for index, each := range labels {
		separator := ","
		if index == 0 {
			separator = "{"
		}
		f.text.WriteString(separator + each.Name + `="` + escape.Replace(each.Value) + `"`)
	}
	if len(labels) > 0 {
		f.text.WriteString("}")
	}
	f.text.WriteString(" " + strconv.FormatFloat(value, 'g', -1, 64) + "\n")
}

// WriteTo writes what was collected.
func (t *Text) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, t.text.String())
	return int64(n), err
}
