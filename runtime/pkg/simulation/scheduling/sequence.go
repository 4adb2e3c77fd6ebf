package scheduling

import (
	"cmp"
	"context"
	"slices"

	"k8s.io/client-go/util/workqueue"
	"k8s.io/kubernetes/pkg/scheduler/framework/parallelize"
	"k8s.io/kubernetes/pkg/scheduler/metrics"
)

// sequence runs operations piece by piece. Where a search for nodes stops early, the nodes that it finds must not depend on
// the order in which goroutines run, nor on the random order in which the scheduler examines nodes that PreFilter plugins
// have narrowed the search to: it ranges over a map of their names.
type sequence struct {
	parallelize.Parallelizer
	profile *profile
}

func newSequence(owner *profile) sequence {
	return sequence{Parallelizer: parallelize.NewParallelizer(1), profile: owner}
}

// Until runs the pieces. A search in narrowed nodes goes by name and, like one in all nodes, starts where the last one ended.
func (s sequence) Until(ctx context.Context, pieces int, work workqueue.DoWorkPieceFunc, operation string) {
	if operation != metrics.Filter || !s.profile.narrowed || pieces < 2 {
		s.Parallelizer.Until(ctx, pieces, work, operation)
		return
	}
	type piece struct {
		index int
		node  string
	}
	ordered := make([]piece, pieces)
	for i := range ordered {
		ordered[i] = piece{i, s.profile.nodeOf(i, work)}
	}
	slices.SortFunc(ordered, func(one, other piece) int { return cmp.Compare(one.node, other.node) })
	start := int(s.profile.scheduler.Position())
	s.Parallelizer.Until(ctx, pieces, func(i int) { work(ordered[(start+i)%pieces].index) }, operation)
}

// asked interrupts a piece of a search once it has named its node.
type asked struct{}

// nodeOf returns the name of the node that a piece of a search examines. Upstream tells it only to the filters, so this
// starts the piece and interrupts it at the first filter, before it changes anything.
func (p *profile) nodeOf(index int, work workqueue.DoWorkPieceFunc) (name string) {
	p.asking = &name
	defer func() {
		p.asking = nil
		if cause := recover(); cause != (asked{}) {
			panic(cause)
		}
	}()
	work(index)
	return name
}
