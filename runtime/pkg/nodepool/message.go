package nodepool

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxListBytes limits the length of a list in a message. The API server rejects events of more than 1,024 bytes and
// conditions of more than 32,768.
const maxListBytes = 768

// joinLimited joins items with a separator, up to maxListBytes, and appends the number of items that it omitted.
func joinLimited(items []string, separator string) string {
	text := strings.Join(items, separator)
	if len(text) <= maxListBytes {
		return text
	}
	shown, length := 0, 0
	for shown < len(items) && length+len(items[shown])+len(separator) <= maxListBytes {
		length += len(items[shown]) + len(separator)
		shown++
	}
	if shown == 0 {
		// The first item alone is too long: show its beginning.
		items, shown = append([]string{truncate(items[0], maxListBytes) + "…"}, items[1:]...), 1
	}
	text = strings.Join(items[:shown], separator)
	if more := len(items) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// truncate returns the longest prefix of a text that has at most limit bytes and ends at a character boundary.
func truncate(text string, limit int) string {
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
