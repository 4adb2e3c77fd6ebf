package ingest

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// epoch is one run of the outbox of a stream.
type epoch struct {
	stream
	outbox.Epoch
}

func (i item) stream() stream { return stream{i.key.Node, i.key.Class} }

func (i item) epoch() epoch { return epoch{i.stream(), i.key.Epoch} }

// epochRanges are received sequences of an epoch.
type epochRanges struct {
	epoch
	ranges outbox.RangeSet
}

// neighborhood returns the sequences before and after the ranges: a stored range within them overlaps or touches.
func (e epochRanges) neighborhood() (first, last int64) {
	// The greatest sequence has no successor.
	return int64(e.ranges[0].First - 1), int64(min(e.ranges[len(e.ranges)-1].Last+1, math.MaxInt64))
}

// epochRange is one range of an epoch.
type epochRange struct {
	epoch
	outbox.Range
}

// missingIn returns the ranges that are in one list and not in another.
func missingIn(other, in []epochRanges) []epochRange {
	found := map[epochRange]bool{}
	for _, each := range other {
		for _, within := range each.ranges {
			found[epochRange{each.epoch, within}] = true
		}
	}
	var missing []epochRange
	for _, each := range in {
		for _, within := range each.ranges {
			if one := (epochRange{each.epoch, within}); !found[one] {
				missing = append(missing, one)
			}
		}
	}
	return missing
}

// change is what a batch changes in a stream.
type change struct {
	stream
	messages, duplicates, conflicts, rejected int64
	// newest is the last item of the batch.
	newest item
}

// Result is what a batch did.
type Result struct {
	Stored, Duplicates int
	Rejected           map[Reason]int
	// Conflicts are the keys that were stored before with another content.
	Conflicts []outbox.Key
	// Acknowledged are the received sequences of each epoch.
	acknowledged []epochRanges
}

// transaction is a transaction of a database.
type transaction interface {
	// lock creates streams that are missing and locks all of them until the end of the transaction. They are sorted.
	lock(ctx context.Context, streams []change) error
	// ranges returns the stored ranges of an epoch that overlap or touch those given.
	ranges(ctx context.Context, within []epochRanges) ([]epochRanges, error)
	// digests returns the digests of messages, if they are still stored.
	digests(ctx context.Context, keys []outbox.Key) (map[outbox.Key]digest, error)
	insert(ctx context.Context, messages []item) error
	// replaceRanges removes stored ranges and then adds others.
	replaceRanges(ctx context.Context, removed, added []epochRange) error
	update(ctx context.Context, streams []change) error
	quarantine(ctx context.Context, items []item) error
	recordLosses(ctx context.Context, reports []item) error
}

// store stores items in a transaction. It changes nothing else, so that it can be repeated.
func store(ctx context.Context, tx transaction, items []item) (Result, error) {
	plan := newPlan(items)
	if err := tx.lock(ctx, plan.streams); err != nil {
		return Result{}, fmt.Errorf("lock streams: %w", err)
	}
	before, err := tx.ranges(ctx, plan.received)
	if err != nil {
		return Result{}, fmt.Errorf("read ranges: %w", err)
	}
	after, repeated := plan.sort(before)
	digests, err := tx.digests(ctx, repeated)
	if err != nil {
		return Result{}, fmt.Errorf("read digests: %w", err)
	}
	plan.compare(digests)
	for _, step := range []struct {
		name string
		run  func() error
	}{
		{"insert messages", func() error { return tx.insert(ctx, plan.messages) }},
		{"write ranges", func() error { return tx.replaceRanges(ctx, missingIn(after, before), missingIn(before, after)) }},
		{"update streams", func() error { return tx.update(ctx, plan.streams) }},
		{"insert into quarantine", func() error { return tx.quarantine(ctx, plan.rejected) }},
		{"record losses", func() error { return tx.recordLosses(ctx, plan.losses) }},
	} {
		if err := step.run(); err != nil {
			return Result{}, fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return plan.result, nil
}

// plan decides what is done with the items of a batch.
type plan struct {
	keyed, losses []item
	// received are the sequences of the batch, sorted by epoch.
	received []epochRanges
	// streams are sorted, so that two instances lock them in the same order.
	streams  []change
	byStream map[stream]*change
	// repeated are the items whose key was received before, and first the items that were received first.
	repeated           []item
	first              map[outbox.Key]digest
	messages, rejected []item
	result             Result
}

func newPlan(items []item) *plan {
	p := &plan{byStream: map[stream]*change{}, first: map[outbox.Key]digest{}, result: Result{Rejected: map[Reason]int{}}}
	received := map[epoch]*outbox.RangeSet{}
	newest := map[stream]item{}
	for _, each := range items {
		switch {
		case each.losses != nil:
			p.losses = append(p.losses, each)
			continue
		case each.key.Sequence == 0:
			if each.rejection != nil {
				p.reject(each)
			}
			continue
		}
		p.keyed = append(p.keyed, each)
		newest[each.stream()] = each
		if received[each.epoch()] == nil {
			received[each.epoch()] = &outbox.RangeSet{}
		}
		received[each.epoch()].Add(outbox.Range{First: each.key.Sequence, Last: each.key.Sequence})
	}
	for of, ranges := range received {
		p.received = append(p.received, epochRanges{of, *ranges})
	}
	slices.SortFunc(p.received, func(a, b epochRanges) int {
		return cmp.Or(a.stream.compare(b.stream), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Token, b.Token))
	})
	p.result.acknowledged = p.received
	for of, last := range newest {
		p.streams = append(p.streams, change{stream: of, newest: last})
	}
	slices.SortFunc(p.streams, func(a, b change) int { return a.stream.compare(b.stream) })
	for index := range p.streams {
		p.byStream[p.streams[index].stream] = &p.streams[index]
	}
	return p
}

func (s stream) compare(other stream) int {
	return cmp.Or(cmp.Compare(s.node, other.node), cmp.Compare(s.class, other.class))
}

func (p *plan) reject(rejected item) {
	p.rejected = append(p.rejected, rejected)
	p.result.Rejected[rejected.rejection.reason]++
}

// sort sorts out what is new, and returns the ranges that replace the stored ones, and the keys that were received before
// this batch.
func (p *plan) sort(before []epochRanges) (after []epochRanges, repeated []outbox.Key) {
	sets := map[epoch]*outbox.RangeSet{}
	for _, each := range before {
		set := slices.Clone(each.ranges)
		sets[each.epoch] = &set
	}
	for _, each := range p.keyed {
		if sets[each.epoch()] == nil {
			sets[each.epoch()] = &outbox.RangeSet{}
		}
		changed := p.byStream[each.stream()]
		if sets[each.epoch()].Add(outbox.Range{First: each.key.Sequence, Last: each.key.Sequence}) == 0 {
			changed.duplicates++
			p.result.Duplicates++
			p.repeated = append(p.repeated, each)
			if _, here := p.first[each.key]; !here {
				repeated = append(repeated, each.key)
			}
			continue
		}
		p.first[each.key] = each.digest
		if each.rejection != nil {
			changed.rejected++
			p.reject(each)
			continue
		}
		changed.messages++
		p.messages = append(p.messages, each)
	}
	p.result.Stored = len(p.messages)
	for _, each := range p.received {
		after = append(after, epochRanges{each.epoch, *sets[each.epoch]})
	}
	return after, repeated
}

// compare compares repeated messages with what was stored first.
func (p *plan) compare(stored map[outbox.Key]digest) {
	for _, each := range p.repeated {
		first, known := stored[each.key]
		if here, found := p.first[each.key]; found {
			first, known = here, true
		}
		if !known || first == each.digest {
			continue
		}
		p.byStream[each.stream()].conflicts++
		p.result.Conflicts = append(p.result.Conflicts, each.key)
		each.rejection = &rejection{reason: ReasonConflict, detail: "the key was stored before with another content"}
		p.reject(each)
	}
}

// Acknowledgements returns the topics and payloads that tell the agents what was committed.
func (r Result) Acknowledgements() (map[string][][]byte, error) {
	messages := map[string][][]byte{}
	for _, each := range r.acknowledged {
		payload, err := edgeevents.Acknowledgement{Epoch: each.Epoch, Ranges: each.ranges}.Encode()
		if err != nil {
			return nil, err
		}
		topic := edgeevents.AckTopic(each.node, each.class)
		messages[topic] = append(messages[topic], payload)
	}
	return messages, nil
}
