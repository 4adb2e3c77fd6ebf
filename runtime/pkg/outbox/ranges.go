package outbox

import "slices"

// Range is a range of sequences, both ends included.
type Range struct {
	First uint64 `json:"first"`
	Last  uint64 `json:"last"`
}

// rangeSet is a set of sequences. Its ranges are sorted, and a sequence that is not in the set lies between any two.
type rangeSet []Range

// clone copies the set, because add changes its ranges in place.
func (s rangeSet) clone() rangeSet { return slices.Clone(s) }

// after returns the index of the first range that ends at or after a sequence.
func (s rangeSet) after(sequence uint64) int {
	index, _ := slices.BinarySearchFunc(s, sequence, func(each Range, target uint64) int {
		if each.Last < target {
			return -1
		}
		return 1
	})
	return index
}

// add adds a range and returns how many sequences are new.
func (s *rangeSet) add(added Range) uint64 {
	if added.First > added.Last {
		return 0
	}
	before := s.count(added)
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

// count returns how many sequences of a range are in the set.
func (s rangeSet) count(within Range) uint64 {
	var total uint64
	for _, each := range s[s.after(within.First):] {
		if each.First > within.Last {
			break
		}
		total += min(each.Last, within.Last) - max(each.First, within.First) + 1
	}
	return total
}

// next returns the first sequence at or after one that is not in the set.
func (s rangeSet) next(sequence uint64) uint64 {
	if index := s.after(sequence); index < len(s) && s[index].First <= sequence {
		return s[index].Last + 1
	}
	return sequence
}

// missing returns the parts of a range that are not in the set.
func (s rangeSet) missing(within Range) []Range {
	var parts []Range
	for at := s.next(within.First); at <= within.Last; {
		end := within.Last
		if index := s.after(at); index < len(s) && s[index].First <= end {
			end = s[index].First - 1
		}
		parts = append(parts, Range{First: at, Last: end})
		at = s.next(end + 1)
	}
	return parts
}
