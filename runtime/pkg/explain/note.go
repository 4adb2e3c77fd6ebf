package explain

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
)

const (
	// maxNote is the maximum length of an event's note in bytes. The API server rejects longer ones.
	maxNote = 1024
	// maxMessage is the number of bytes that joinReasons keeps of upstream's message, however long the reasons are. The longest
	// message of upstream fits: the pod's namespace and name and the node's name take up to 596 bytes.
	maxMessage = 640
	ellipsis   = "..."
)

// Bounded returns a recorder that shortens the notes of events to what the API server accepts. Without it, events with
// longer notes are lost.
func Bounded(next events.EventRecorder) events.EventRecorder { return bounded{next} }

type bounded struct{ events.EventRecorder }

// Eventf implements events.EventRecorder.
func (b bounded) Eventf(regarding, related runtime.Object, kind, reason, action, note string, args ...any) {
	b.EventRecorder.Eventf(regarding, related, kind, reason, action, "%s", joinReasons(formatNote(note, args)))
}

// formatNote formats a note. Upstream's scheduler passes complete messages as formats; without arguments, their percent signs
// are literal.
func formatNote(note string, args []any) string {
	if len(args) == 0 {
		return note
	}
	return fmt.Sprintf(note, args...)
}

// joinReasons joins a message and reasons to a note of at most maxNote bytes. It shortens the longest reasons first, and the
// message only beyond maxMessage.
func joinReasons(message string, reasons ...string) string {
	if len(reasons) == 0 {
		return shorten(message, maxNote)
	}
	needed := len(": ") + len(strings.Join(reasons, "; "))
	message = shorten(message, max(maxMessage, maxNote-needed))
	limit := fairShare(maxNote-len(message)-len(": ")-(len(reasons)-1)*len("; "), reasons)
	shortened := make([]string, len(reasons))
	for i, reason := range reasons {
		shortened[i] = shorten(reason, limit)
	}
	// With very many reasons, the separators alone may exceed the limit.
	return shorten(message+": "+strings.Join(shortened, "; "), maxNote)
}

// fairShare returns the largest limit per text, in bytes, with which all texts fit.
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
	return maxNote
}

// shorten shortens a text to a limit in bytes, without splitting a character. It also removes characters that are already
// split.
func shorten(text string, limit int) string {
	text = strings.ToValidUTF8(text, "")
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:max(0, limit-len(ellipsis))], "") + ellipsis[:min(limit, len(ellipsis))]
}
