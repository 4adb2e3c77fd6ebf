package outbox

import "slices"

// Range is a range of sequences, both ends included.
type Range struct {
	First uint64 `json:"first"`
	Last  uint64 `json:"last"`
}

// RangeSet is a set of sequences. Its ranges are sorted, and a sequence that is not in the set lies between any two.
type RangeSet []Range

// clone copies the set, because Add changes its ranges in place.
func (s RangeSet) clone() RangeSet { return slices.Clone(s) }

// after returns the index of the first range that ends at or after a sequence.
func (s RangeSet) after(sequence uint64) int {
	index, _ := slices.BinarySearchFunc(s, sequence, func(each Range, target uint64) int {
		if each.Last < target {
			return -1
		}
		return 1
	})
	return index
}

// Add adds a range and returns how many sequences are new.
func (s *RangeSet) Add(added Range) uint64 {
	if added.First > added.Last {
		return 0
	}
	before := s.Count(added)
	merged := added
	// A range that ends right before the added one is merged with it, too.
	from := s.after(max(added.First, 1) - 1)
	to := from
	for ; to < len(*s) && (*s)[to].First <= added.Last+1; to++ {
		merged.First = min(merged.First, (*s)[to].First)
		merged.Last = max(merged.Last, (*s)[to].Last)
	}
	*s = slices.Replace(*s, from, to, merged)
	return added.Last - added.First + 1 - before
}

// Count returns how many sequences of a range are in the set.
func (s RangeSet) Count(within Range) uint64 {
	var total uint64
	for _, each := range s[s.after(within.First):] {
		if each.First > within.Last {
			break
		}
		total += min(each.Last, within.Last) - max(each.First, within.First) + 1
	}
	return total
}

// Next returns the first sequence at or after one that is not in the set.
func (s RangeSet) Next(sequence uint64) uint64 {
	if index := s.after(sequence); index < len(s) && s[index].First <= sequence {
		return s[index].Last + 1
	}
	return sequence
}

// Missing returns the parts of a range that are not in the set.
func (s RangeSet) Missing(within Range) []Range {
	var parts []Range
	for at := s.Next(within.First); at <= within.Last; {
		end := within.Last
		if index := s.after(at); index < len(s) && s[index].First <= end {
			end = s[index].First - 1
		}
		parts = append(parts, Range{First: at, Last: end})
		at = s.Next(end + 1)
	}
	return parts
}
