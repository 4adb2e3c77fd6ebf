package outbox

import (
	"slices"
	"testing"
)

func TestARangeSetEqualsASetOfNumbers(t *testing.T) {
	random := randomOf(t)
	for range 300 {
		var set RangeSet
		model := map[uint64]bool{}
		pick := func() Range {
			first := random.Uint64N(60) + 1
			return Range{First: first, Last: first + random.Uint64N(8)}
		}
		for range 20 {
			added := pick()
			var expected uint64
			for at := added.First; at <= added.Last; at++ {
				if !model[at] {
					expected++
				}
				model[at] = true
			}
			if got := set.Add(added); got != expected {
				t.Fatalf("Add(%v) to %v = %d, want %d", added, set, got, expected)
			}
			for index := 1; index < len(set); index++ {
				if set[index-1].Last+1 >= set[index].First {
					t.Fatalf("%v: ranges touch", set)
				}
			}
			within := pick()
			var count uint64
			var missing []uint64
			for at := within.First; at <= within.Last; at++ {
				if model[at] {
					count++
				} else {
					missing = append(missing, at)
				}
			}
			var parts []uint64
			for _, each := range set.Missing(within) {
				for at := each.First; at <= each.Last; at++ {
					parts = append(parts, at)
				}
			}
			next := within.First
			for model[next] {
				next++
			}
			if set.Count(within) != count || !slices.Equal(parts, missing) || set.Next(within.First) != next {
				t.Fatalf("%v in %v: count %d, missing %v, next %d", within, set, set.Count(within), parts, set.Next(within.First))
			}
		}
	}
}
