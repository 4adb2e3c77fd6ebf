package nodepool

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Longest list in a message, in bytes. The API server refuses an event of more than 1,024 bytes, and a condition of more
// than 32,768.
const longestList = 768

// list joins items for a message: as many as fit, and how many more there are.
func list(items []string, separator string) string {
	text := strings.Join(items, separator)
	if len(text) <= longestList {
		return text
	}
	shown, length := 0, 0
	for shown < len(items) && length+len(items[shown])+len(separator) <= longestList {
		length += len(items[shown]) + len(separator)
		shown++
	}
	if shown == 0 {
		// Not even the first fits: its beginning says more than nothing.
		items, shown = append([]string{prefix(items[0], longestList) + "…"}, items[1:]...), 1
	}
	text = strings.Join(items[:shown], separator)
	if more := len(items) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// prefix is the longest beginning of a text that has at most so many bytes and breaks no character.
func prefix(text string, most int) string {
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}
