package scheduling

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	"k8s.io/klog/v2"
)

// recorder keeps what plugins add to the last event of a pod.
type recorder struct{ note string }

var _ events.EventRecorderLogger = &recorder{}

// WithLogger ignores the logger.
func (r *recorder) WithLogger(klog.Logger) events.EventRecorderLogger { return r }

// Eventf keeps the text after the scheduler's own: "Successfully assigned a/b to c: plugins".
func (r *recorder) Eventf(_, _ runtime.Object, _, reason, _, note string, args ...any) {
	if reason != "Scheduled" {
		return
	}
	if len(args) > 0 {
		note = fmt.Sprintf(note, args...)
	}
	_, r.note, _ = strings.Cut(note, ": ")
}
