package scheduling

import (
	"reflect"
	"unsafe"

	"k8s.io/kubernetes/pkg/scheduler"
)

// Position is where a scheduler's next search for nodes starts. In large clusters, each search examines other nodes.
type Position int

// Position returns where the next search starts.
func (s *Scheduler) Position() Position { return Position(*position(s.scheduler)) }

// Return makes the next search start where it would have started before a trial.
func (s *Scheduler) Return(to Position) { *position(s.scheduler) = int(to) }

// position points to the one part of a scheduler's state that a trial changes and that upstream does not export.
func position(of *scheduler.Scheduler) *int {
	field := reflect.ValueOf(of).Elem().FieldByName("nextStartNodeIndex")
	return (*int)(unsafe.Pointer(field.UnsafeAddr()))
}
