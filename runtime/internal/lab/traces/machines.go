package traces

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Library provides the usage series of machines: recordings if a directory has them, generated series otherwise.
type Library struct {
	processors [][]float64
	// requests are request counts in percent of their maximum.
	requests [][]float64
}

// Open reads a directory of CSV files with the columns timestamp and value at intervals of five minutes: *cpu_utilization* in
// percent, *request_count* in requests. If dir is empty, the library is empty.
func Open(dir string) (*Library, error) {
	library := &Library{}
	if dir == "" {
		return library, nil
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.csv"))
	if err != nil {
		return nil, err
	}
	sort.Strings(files)
	for _, file := range files {
		values, err := read(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		switch name := filepath.Base(file); {
		case strings.Contains(name, "cpu_utilization"):
			library.processors = append(library.processors, values)
		case strings.Contains(name, "request_count"):
			library.requests = append(library.requests, toPercentOfMax(values))
		}
	}
	if len(library.processors) == 0 {
		return nil, fmt.Errorf("%s: must contain a file *cpu_utilization*.csv", dir)
	}
	return library, nil
}

func read(file string) ([]float64, error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	return parse(opened)
}

func parse(text io.Reader) ([]float64, error) {
	rows, err := csv.NewReader(text).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) < 2 || len(rows[0]) != 2 || rows[0][1] != "value" {
		return nil, fmt.Errorf("must start with the header line timestamp,value, followed by values")
	}
	values := make([]float64, 0, len(rows)-1)
	for i, row := range rows[1:] {
		value, err := strconv.ParseFloat(row[1], 64)
		if err != nil || math.IsNaN(value) || math.IsInf(value, 0) || value < 0 {
			return nil, fmt.Errorf("line %d: value must be a number of at least 0, got %q", i+2, row[1])
		}
		values = append(values, value)
	}
	return values, nil
}

func toPercentOfMax(values []float64) []float64 {
	maximum := 0.0
	for _, value := range values {
		maximum = max(maximum, value)
	}
	scaled := make([]float64, len(values))
	for i, value := range values {
		scaled[i] = 100 * (value / max(maximum, 1))
	}
	return scaled
}

// Values returns the values of all recordings, or of one generated series of two weeks for each entry of MachineStatistics:
// processor usage in percent, and request rates with a mean of 1.
func (l *Library) Values() (processors [][]float64, requests []float64) {
	const twoWeeks = 4032
	processors = l.processors
	if len(processors) == 0 {
		for i, statistics := range MachineStatistics {
			processors = append(processors, sample(Generated{statistics, fmt.Sprint("machine-", i)}, twoWeeks))
		}
	}
	if len(l.requests) > 0 {
		requests = slices.Clone(l.requests[0])
	} else {
		requests = sample(Generated{requestStatistics, "requests"}, twoWeeks)
	}
	mean := 0.0
	for _, value := range requests {
		mean += value / float64(len(requests))
	}
	for i := range requests {
		requests[i] /= mean
	}
	return processors, requests
}

func sample(series Series, count int) []float64 {
	values := make([]float64, count)
	for i := range values {
		values[i] = series.At(time.Unix(0, int64(i)*int64(Step)))
	}
	return values
}

// requestStatistics are the statistics of a recorded load balancer, in percent of its maximum.
var requestStatistics = Statistics{9.4, 8.6, 0.23}

// Machine holds the usage series of one machine.
type Machine struct{ CPU, Memory, IO, Network Series }

// Machine returns the series of a machine. The same name has the same series. There are no recordings of memory and disk
// usage, so these are always generated: memory usage is around 45 % and changes slowly, disk usage is around 10 % and changes
// quickly.
func (l *Library) Machine(name string) Machine {
	m := Machine{
		CPU:     Generated{MachineStatistics[Hash(name)%uint64(len(MachineStatistics))], name + "/cpu"},
		Memory:  Generated{Statistics{45, 10, 0.99}, name + "/memory"},
		IO:      Generated{Statistics{10, 8, 0.5}, name + "/io"},
		Network: Generated{requestStatistics, name + "/network"},
	}
	if n := uint64(len(l.processors)); n > 0 {
		m.CPU = l.recorded(l.processors[Hash(name)%n], name)
	}
	if n := uint64(len(l.requests)); n > 0 {
		m.Network = l.recorded(l.requests[Hash(name)%n], name)
	}
	return m
}

func (l *Library) recorded(values []float64, name string) Series {
	return Recorded{Values: values, Offset: int(Hash(name+"/offset") % uint64(len(values)))}
}
