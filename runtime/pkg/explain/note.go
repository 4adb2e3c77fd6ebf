package explain

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
)

const (
	// longestNote is the longest note of an event that the API server accepts, in bytes.
	longestNote = 1024
	// longestVerdict is how much of a verdict stays however long its reasons are. It holds upstream's longest: a pod's
	// namespace and name and a node's name take up to 596 bytes.
	longestVerdict = 640
	ellipsis       = "..."
)

// Bounded returns a recorder that shortens notes to what the API server accepts. It refuses longer ones, and the event
// is lost.
func Bounded(next events.EventRecorder) events.EventRecorder { return bounded{next} }

type bounded struct{ events.EventRecorder }

// Eventf passes an event on.
func (b bounded) Eventf(regarding, related runtime.Object, kind, reason, action, note string, args ...any) {
	b.EventRecorder.Eventf(regarding, related, kind, reason, action, "%s", bound(format(note, args)))
}

// format a note. Upstream's scheduler passes messages as formats, and these may contain a per cent sign.
func format(note string, args []any) string {
	if len(args) == 0 {
		return note
	}
	return fmt.Sprintf(note, args...)
}

// bound joins a verdict and its reasons to a note that the API server accepts. The verdict stays; of the reasons, the
// longest are shortened first.
func bound(verdict string, reasons ...string) string {
	if len(reasons) == 0 {
		return shorten(verdict, longestNote)
	}
	needed := len(": ") + len(strings.Join(reasons, "; "))
	verdict = shorten(verdict, max(longestVerdict, longestNote-needed))
	limit := fairShare(longestNote-len(verdict)-len(": ")-(len(reasons)-1)*len("; "), reasons)
	shortened := make([]string, len(reasons))
	for i, reason := range reasons {
		shortened[i] = shorten(reason, limit)
	}
	// Only with very many reasons is there no share left for each.
	return shorten(verdict+": "+strings.Join(shortened, "; "), longestNote)
}

// fairShare is the greatest limit in bytes under which all texts together fit.
func fairShare(bytes int, texts []string) int {
	lengths := make([]int, len(texts))
	for i, text := range texts {
		lengths[i] = len(text)
	}
	slices.Sort(lengths)
	for i, length := range lengths {
		share := max(bytes, 0) / (len(lengths) - i)
		if length > share {
			return share
		}
		bytes -= length
	}
	return longestNote
}

// shorten a text to a limit in bytes, between two characters. A text that was cut within one is repaired.
func shorten(text string, limit int) string {
	text = strings.ToValidUTF8(text, "")
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:max(0, limit-len(ellipsis))], "") + ellipsis[:min(limit, len(ellipsis))]
}
