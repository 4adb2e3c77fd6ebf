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

// update returns the links of the file after a round of measurements. Links that were not measured stay until they expire.
func update(previous []links.Link, measurements map[ends]measurement, now time.Time) []links.Link {
	kept := map[ends]links.Link{}
	for _, link := range previous {
		if at, err := time.Parse(time.RFC3339, link.At); err == nil && now.Sub(at) < expiry && link.From < link.To {
			kept[newEnds(link.From, link.To)] = link
		}
	}
	for pair, measurement := range measurements {
		if earlier, found := kept[pair]; found {
			at, _ := time.Parse(time.RFC3339, earlier.At)
			change := math.Abs(measurement.rttMs - earlier.RTTMs)
			if now.Sub(at) < refreshAge && (change <= minChangeMs || change <= minChange*earlier.RTTMs) {
				continue
			}
		}
		kept[pair] = links.Link{
			From: pair.a, To: pair.b, RTTMs: measurement.rttMs, Basis: links.Measured, Source: measurement.source(),
			At: now.UTC().Format(time.RFC3339),
		}
	}
	updated := []links.Link{}
	for _, link := range kept {
		back := link
		back.From, back.To = link.To, link.From
		updated = append(updated, link, back)
	}
	slices.SortFunc(updated, func(a, b links.Link) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	return updated
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
