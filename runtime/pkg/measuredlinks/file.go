package measuredlinks

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/links"
)

const (
	// A link is written again if it changed by more than both of these, or if its time is older than refreshAge. Otherwise,
	// noise would make the schedulers load the links every minute.
	minChange, minChangeMs = 0.05, 0.5
	refreshAge             = time.Hour
	// expiry is the age at which a link that is no longer measured is removed. The configured link then counts again.
	expiry = 2 * time.Hour
)

// isNoise reports whether a measurement differs from a round-trip time by so little that it does not count as a change.
func isNoise(rttMs, earlierMs float64) bool {
	change := math.Abs(rttMs - earlierMs)
	return change <= minChangeMs || change <= minChange*earlierMs
}

// update returns the links of the file after a round of measurements. Links that were not measured stay until they expire. A
// measurement that confirms the fleet's link gets its exact round-trip times, so that noise moves no pod when agents are added.
func update(previous []links.Link, measurements map[ends]measurement, base *links.Matrix, now time.Time) []links.Link {
	kept := map[ends]links.Link{}
	for _, link := range previous {
		if at, err := time.Parse(time.RFC3339, link.At); err == nil && now.Sub(at) < expiry && link.From < link.To {
			kept[newEnds(link.From, link.To)] = link
		}
	}
	for pair, measurement := range measurements {
		if earlier, found := kept[pair]; found {
			at, _ := time.Parse(time.RFC3339, earlier.At)
			if now.Sub(at) < refreshAge && isNoise(measurement.rttMs, earlier.RTTMs) {
				continue
			}
		}
		rttMs := measurement.rttMs
		if stated, known := statedMs(base, pair.a, pair.b); known && isNoise(rttMs, stated) {
			rttMs = stated
		}
		kept[pair] = links.Link{
			From: pair.a, To: pair.b, RTTMs: rttMs, Basis: links.Measured, Source: measurement.source(),
			At: now.UTC().Format(time.RFC3339),
		}
	}
	updated := []links.Link{}
	for _, link := range kept {
		back := link
		back.From, back.To = link.To, link.From
		if stated, known := statedMs(base, link.From, link.To); known && stated == link.RTTMs {
			// The fleet's link was confirmed, which may differ between the directions.
			if statedBack, known := statedMs(base, back.From, back.To); known && isNoise(link.RTTMs, statedBack) {
				back.RTTMs = statedBack
			}
		}
		updated = append(updated, link, back)
	}
	slices.SortFunc(updated, func(a, b links.Link) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	return updated
}

// statedMs returns the round-trip time that the fleet states as measured. Estimates are not worth keeping.
func statedMs(base *links.Matrix, from, to string) (rttMs float64, known bool) {
	link, found := base.Link(from, to)
	return link.RTTMs, found && link.Basis == links.Measured
}

// encode returns the links as links.json, with one link per line.
func encode(measured []links.Link) (string, error) {
	var text strings.Builder
	text.WriteString("{\"version\":1,\"unit\":\"ms\",\"regions\":[],\"links\":[")
	for i, link := range measured {
		line, err := json.Marshal(link)
		if err != nil {
			return "", err
		}
		if i > 0 {
			text.WriteString(",")
		}
		text.WriteString("\n")
		text.Write(line)
	}
	text.WriteString("\n]}\n")
	return text.String(), nil
}

// decode returns the links of a file that encode wrote. An invalid file counts as empty, and is then replaced.
func decode(text string) []links.Link {
	var file links.File
	if json.Unmarshal([]byte(text), &file) != nil {
		return nil
	}
	return file.Links
}
