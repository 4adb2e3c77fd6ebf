// Package links provides the round-trip times between regions.
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

// Basis is the origin of a round-trip time.
type Basis string

const (
	// Measured round-trip times come from a measurement.
	Measured Basis = "measured"
	// Estimated round-trip times are computed from coordinates.
	Estimated Basis = "estimated"
)

// File is the content of links.json, version 1.
type File struct {
	Version int      `json:"version"`
	Unit    string   `json:"unit"`
	Regions []Region `json:"regions"`
	Links   []Link   `json:"links"`
}

// Region is a place with a name and coordinates in degrees.
type Region struct {
	Name      string  `json:"name"`
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

// Link is the round-trip time from one region to another.
type Link struct {
	From   string  `json:"from"`
	To     string  `json:"to"`
	RTTMs  float64 `json:"rttMs"`
	Basis  Basis   `json:"basis"`
	Source string  `json:"source"`
	// At is the last day of the measurement, for example 2024-08-25, or its time, for example 2026-11-27T09:30:00Z; empty
	// for estimates.
	At string `json:"at,omitempty"`
}

type pair struct{ from, to string }

// Matrix contains the round-trip times between all regions. It is immutable.
type Matrix struct {
	regions map[string]Region
	links   map[pair]Link
}

// maxMs is the largest plausible round-trip time in ms: four times around the Earth in fibre.
const maxMs = 1000

// Parse parses links.json. If any entry is invalid, it returns an error that lists every problem.
func Parse(raw []byte) (*Matrix, error) {
	file, problems, err := decode(raw)
	if err != nil {
		return nil, err
	}
	m := &Matrix{regions: map[string]Region{}, links: map[pair]Link{}}
	addProblem := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	for i, region := range file.Regions {
		if region.Name == "" {
			addProblem("regions[%d].name: must not be empty", i)
		} else if m.HasRegion(region.Name) {
			addProblem("regions[%d].name: duplicate value %q", i, region.Name)
		}
		if !(math.Abs(region.Latitude) <= 90) || !(math.Abs(region.Longitude) <= 180) {
			addProblem("regions[%d]: latitude must be from -90 to 90 and longitude from -180 to 180, got %v and %v", i, region.Latitude, region.Longitude)
		}
		m.regions[region.Name] = region
	}
	for i, link := range file.Links {
		if !m.HasRegion(link.From) || !m.HasRegion(link.To) {
			addProblem("links[%d]: from %q to %q: both must be in regions", i, link.From, link.To)
		} else if problem := m.addLink(link); problem != "" {
			addProblem("links[%d]%s", i, problem)
		}
	}
	if len(problems) > 0 {
		return nil, describe(problems)
	}
	return m, nil
}

// WithMeasured returns the matrix with the links of another links.json, which replace its own. The other file needs no
// regions. Links of regions that the matrix does not contain are ignored: the fleet may have changed since they were measured.
func (m *Matrix) WithMeasured(raw []byte) (*Matrix, error) {
	file, problems, err := decode(raw)
	if err != nil {
		return nil, err
	}
	measured := &Matrix{regions: m.regions, links: map[pair]Link{}}
	for i, link := range file.Links {
		if !m.HasRegion(link.From) || !m.HasRegion(link.To) {
			continue
		}
		if problem := measured.addLink(link); problem != "" {
			problems = append(problems, fmt.Sprintf("links[%d]%s", i, problem))
		}
	}
	if len(problems) > 0 {
		return nil, describe(problems)
	}
	merged := maps.Clone(m.links)
	maps.Copy(merged, measured.links)
	measured.links = merged
	return measured, nil
}

// decode decodes links.json and checks its header.
func decode(raw []byte) (file File, problems []string, err error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return file, nil, fmt.Errorf("links: %w", err)
	}
	if decoder.More() {
		return file, nil, errors.New("links: unexpected data after the object")
	}
	if file.Version != 1 {
		problems = append(problems, fmt.Sprintf("version: must be 1, got %d", file.Version))
	}
	if file.Unit != "ms" {
		problems = append(problems, fmt.Sprintf("unit: must be \"ms\", got %q", file.Unit))
	}
	return file, problems, nil
}

func describe(problems []string) error {
	return fmt.Errorf("links: %d problems: %s", len(problems), strings.Join(problems, "; "))
}

// addLink adds a link, or returns what is wrong with it.
func (m *Matrix) addLink(link Link) (problem string) {
	key := pair{link.From, link.To}
	_, duplicate := m.links[key]
	switch {
	case link.From == link.To:
		return fmt.Sprintf(": must link different regions, got %q twice", link.From)
	case duplicate:
		return fmt.Sprintf(": duplicate link from %q to %q", link.From, link.To)
	case math.IsNaN(link.RTTMs) || link.RTTMs <= 0 || link.RTTMs > maxMs:
		return fmt.Sprintf(".rttMs: must be above 0 and at most %d, got %v", maxMs, link.RTTMs)
	case link.Basis != Measured && link.Basis != Estimated:
		return fmt.Sprintf(".basis: must be one of %s, %s, got %q", Measured, Estimated, link.Basis)
	case link.At != "" && !isDateOrTime(link.At):
		return fmt.Sprintf(".at: must be a date or a time, for example 2024-08-25 or 2026-11-27T09:30:00Z, got %q", link.At)
	}
	m.links[key] = link
	return ""
}

func isDateOrTime(text string) bool {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if _, err := time.Parse(layout, text); err == nil {
			return true
		}
	}
	return false
}

// HasRegion reports whether the matrix contains a region.
func (m *Matrix) HasRegion(region string) bool {
	_, found := m.regions[region]
	return found
}

// Region returns a region.
func (m *Matrix) Region(name string) (region Region, found bool) {
	region, found = m.regions[name]
	return region, found
}

// Regions returns the sorted names of all regions.
func (m *Matrix) Regions() []string { return slices.Sorted(maps.Keys(m.regions)) }

// Link returns the link from one region to another. If links.json does not contain it, Link estimates it from coordinates
// and sets the basis Estimated. Within a region, the round-trip time is 0 ms, even if the matrix does not contain the
// region. Link returns false if the matrix lacks one of two different regions.
func (m *Matrix) Link(from, to string) (link Link, known bool) {
	if from == to && from != "" {
		return Link{From: from, To: to, Basis: Measured, Source: "the same region"}, true
	}
	if link, found := m.links[pair{from, to}]; found {
		return link, true
	}
	a, foundFrom := m.regions[from]
	b, foundTo := m.regions[to]
	if !foundFrom || !foundTo {
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
