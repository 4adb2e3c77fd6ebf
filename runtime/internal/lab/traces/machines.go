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

// Library of series for machines: recordings where a folder has them, otherwise series made up with known statistics.
type Library struct {
	processors [][]float64
	// requests, as per cent of the most.
	requests [][]float64
}

// Open a folder of CSV files with the columns timestamp and value, five minutes apart: *cpu_utilization* in per cent,
// *request_count* in requests. No folder is an empty library.
func Open(folder string) (*Library, error) {
	library := &Library{}
	if folder == "" {
		return library, nil
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.csv"))
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
			library.requests = append(library.requests, ofMost(values))
		}
	}
	if len(library.processors) == 0 {
		return nil, fmt.Errorf("%s: holds no file *cpu_utilization*.csv", folder)
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
		return nil, fmt.Errorf("want a head line timestamp,value and values below it")
	}
	values := make([]float64, 0, len(rows)-1)
	for i, row := range rows[1:] {
		value, err := strconv.ParseFloat(row[1], 64)
		if err != nil || math.IsNaN(value) || math.IsInf(value, 0) || value < 0 {
			return nil, fmt.Errorf("line %d: got %q, allowed a number of at least 0", i+2, row[1])
		}
		values = append(values, value)
	}
	return values, nil
}

func ofMost(values []float64) []float64 {
	most := 0.0
	for _, value := range values {
		most = max(most, value)
	}
	scaled := make([]float64, len(values))
	for i, value := range values {
		scaled[i] = 100 * (value / max(most, 1))
	}
	return scaled
}

// Values of all recordings, or of as many made-up ones as there are statistics, over two weeks: the processors' in per
// cent, and the rates of requests, 1 in the mean.
func (l *Library) Values() (processors [][]float64, requests []float64) {
	const twoWeeks = 4032
	processors = l.processors
	if len(processors) == 0 {
		for i, statistics := range Known {
			processors = append(processors, values(Generated{statistics, fmt.Sprint("machine-", i)}, twoWeeks))
		}
	}
	if len(l.requests) > 0 {
		requests = slices.Clone(l.requests[0])
	} else {
		requests = values(Generated{requestStatistics, "requests"}, twoWeeks)
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

func values(series Series, count int) []float64 {
	made := make([]float64, count)
	for i := range made {
		made[i] = series.At(time.Unix(0, int64(i)*int64(Step)))
	}
	return made
}

// requestStatistics of the recorded load balancer, as per cent of its most.
var requestStatistics = Statistics{9.4, 8.6, 0.23}

// Machine is how busy one machine is, by its name.
type Machine struct{ CPU, Memory, IO, Network Series }

// Machine of a name: the same each time. Nobody recorded memory and disks: their series are made up, memory around 45 %
// and slow, disks around 10 % and quick.
func (l *Library) Machine(name string) Machine {
	m := Machine{
		CPU:     Generated{Known[Hash(name)%uint64(len(Known))], name + "/cpu"},
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
