// Package links knows the round trips between regions.
package links

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// Basis says where a figure comes from.
type Basis string

// A round trip is measured, or estimated from coordinates.
const (
	Measured  Basis = "measured"
	Estimated Basis = "estimated"
)

// File is links.json, version 1.
type File struct {
	Version int      `json:"version"`
	Unit    string   `json:"unit"`
	Regions []Region `json:"regions"`
	Links   []Link   `json:"links"`
}

// Region is a place.
type Region struct {
	Name      string  `json:"name"`
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

// Link is the round trip from one region to another.
type Link struct {
	From   string  `json:"from"`
	To     string  `json:"to"`
	RTTMs  float64 `json:"rttMs"`
	Basis  Basis   `json:"basis"`
	Source string  `json:"source"`
	// At is the day of the measurement, or the last of its days: 2024-08-25. Estimates have none.
	At string `json:"at,omitempty"`
}

type pair struct{ from, to string }

// Matrix answers how far regions are from each other. It does not change.
type Matrix struct {
	regions map[string]Region
	links   map[pair]Link
}

// Longest round trip that is believed, in ms: four times around the Earth in fibre.
const longestMs = 1000

// Parse reads links.json and refuses it as a whole, with every problem, when any of it is wrong.
func Parse(raw []byte) (*Matrix, error) {
	var file File
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return nil, fmt.Errorf("links: %w", err)
	}
	if decoder.More() {
		return nil, errors.New("links: text after the end")
	}
	m := &Matrix{regions: map[string]Region{}, links: map[pair]Link{}}
	var problems []string
	problem := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if file.Version != 1 {
		problem("version: got %d, allowed 1", file.Version)
	}
	if file.Unit != "ms" {
		problem("unit: got %q, allowed \"ms\"", file.Unit)
	}
	for i, region := range file.Regions {
		if region.Name == "" || m.Knows(region.Name) {
			problem("regions[%d].name: %q is empty or stated twice", i, region.Name)
		}
		if !(math.Abs(region.Latitude) <= 90) || !(math.Abs(region.Longitude) <= 180) {
			problem("regions[%d]: latitude %v, longitude %v: allowed -90 to 90, -180 to 180", i, region.Latitude, region.Longitude)
		}
		m.regions[region.Name] = region
	}
	for i, link := range file.Links {
		key := pair{link.From, link.To}
		_, twice := m.links[key]
		switch {
		case !m.Knows(link.From) || !m.Knows(link.To):
			problem("links[%d]: from %q to %q: not both are regions", i, link.From, link.To)
		case link.From == link.To:
			problem("links[%d]: from %q to itself", i, link.From)
		case twice:
			problem("links[%d]: from %q to %q is stated twice", i, link.From, link.To)
		case math.IsNaN(link.RTTMs) || link.RTTMs <= 0 || link.RTTMs > longestMs:
			problem("links[%d].rttMs: got %v, allowed above 0 and at most %d", i, link.RTTMs, longestMs)
		case link.Basis != Measured && link.Basis != Estimated:
			problem("links[%d].basis: got %q, allowed measured or estimated", i, link.Basis)
		case !day(link.At):
			problem("links[%d].at: got %q, allowed a day as in 2024-08-25", i, link.At)
		}
		m.links[key] = link
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("links: %d problems: %s", len(problems), strings.Join(problems, "; "))
	}
	return m, nil
}

func day(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return text == "" || err == nil
}

// Knows tells whether a region is one of the matrix.
func (m *Matrix) Knows(region string) bool {
	_, known := m.regions[region]
	return known
}

// Regions by name, sorted.
func (m *Matrix) Regions() []string { return slices.Sorted(maps.Keys(m.regions)) }

// Link from one region to another: the stated one, or an estimate from coordinates that is marked as such. Within a
// region it is 0 ms, even if the matrix does not have that region. It returns false if the matrix lacks one of two
// different regions.
func (m *Matrix) Link(from, to string) (Link, bool) {
	if from == to && from != "" {
		return Link{From: from, To: to, Basis: Measured, Source: "the same region"}, true
	}
	if link, stated := m.links[pair{from, to}]; stated {
		return link, true
	}
	a, known := m.regions[from]
	b, also := m.regions[to]
	if !known || !also {
		return Link{}, false
	}
	return Link{From: from, To: to, RTTMs: Estimate(a, b), Basis: Estimated, Source: "great circle"}, true
}

// With returns the matrix with other links between some regions.
func (m *Matrix) With(changed map[[2]string]Link) *Matrix {
	copied := &Matrix{regions: m.regions, links: maps.Clone(m.links)}
	for ends, link := range changed {
		copied.links[pair{ends[0], ends[1]}] = link
	}
	return copied
}
