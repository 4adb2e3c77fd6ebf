package traces

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func TestGeneratedSeriesHasGivenStatistics(t *testing.T) {
	want := Statistics{43.11, 4.30, 0.30}
	g := Generated{want, "n"}
	var values []float64
	for i := range 4032 {
		values = append(values, g.At(start.Add(time.Duration(i)*Step)))
	}
	mean, square, product := 0.0, 0.0, 0.0
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for i, v := range values {
		square += (v - mean) * (v - mean)
		if i > 0 {
			product += (v - mean) * (values[i-1] - mean)
		}
	}
	deviation, correlation := math.Sqrt(square/float64(len(values))), product/square
	if math.Abs(mean-want.Mean) > 0.5 || math.Abs(deviation-want.Deviation) > 0.5 || math.Abs(correlation-want.Correlation) > 0.05 {
		t.Errorf("got mean %.2f, deviation %.2f, correlation %.2f; want %+v", mean, deviation, correlation, want)
	}
	if g.At(start) != (Generated{want, "n"}).At(start) || g.At(start) == (Generated{want, "m"}).At(start) {
		t.Error("a generated series does not depend on exactly its name")
	}
}

func TestOpenReadsRecordings(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("ec2_cpu_utilization_1.csv", "timestamp,value\n2014-02-14 14:30:00,10\n2014-02-14 14:35:00,20\n")
	write("elb_request_count_1.csv", "timestamp,value\n2014-02-14 14:30:00,50\n2014-02-14 14:35:00,200\n")
	library, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	m := library.Machine("n")
	first, half, second := m.CPU.At(start), m.CPU.At(start.Add(Step/2)), m.CPU.At(start.Add(Step))
	if first+second != 30 || half != 15 || m.CPU.At(start.Add(2*Step)) != first {
		t.Errorf("got %v, %v, %v", first, half, second)
	}
	if maximum := max(m.Network.At(start), m.Network.At(start.Add(Step))); maximum != 100 {
		t.Errorf("got a maximum of %v %% of requests, want 100 %%", maximum)
	}
	for name, text := range map[string]string{"negative": "-1", "not a number": "NaN", "text": "much"} {
		write("ec2_cpu_utilization_1.csv", fmt.Sprintf("timestamp,value\nx,%s\n", text))
		if _, err := Open(dir); err == nil {
			t.Errorf("Open accepted an invalid value: %s", name)
		}
	}
	if _, err := Open(t.TempDir()); err == nil {
		t.Error("Open accepted an empty directory")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("timestamp,value\n2014-02-14 14:30:00,10\n2014-02-14 14:35:00,2e3\n")
	f.Add("timestamp,value\nx,1e308\nx,-0\n")
	f.Fuzz(func(t *testing.T, text string) {
		values, err := parse(strings.NewReader(text))
		if err != nil {
			return
		}
		l := &Library{processors: [][]float64{values}, requests: [][]float64{toPercentOfMax(values)}}
		for i := range 3 {
			at := start.Add(time.Duration(i) * Step / 2)
			cpu, network := l.Machine("n").CPU.At(at), l.Machine("n").Network.At(at)
			if !(cpu >= 0) || math.IsInf(cpu, 0) || !(network >= 0 && network <= 100) {
				t.Errorf("%q: got processor usage %v, network usage %v", text, cpu, network)
			}
		}
	})
}
