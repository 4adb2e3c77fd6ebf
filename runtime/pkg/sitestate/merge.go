package sitestate

// merged is the result of merging a record with the stored one.
type merged struct {
	// take tells that the incoming record replaces the stored one.
	take bool
	// loser is set if one was written without knowledge of the other.
	loser *Record
}

// merge decides between a stored record, which may be nil, and one that arrived.
func merge(stored *Record, incoming Record) merged {
	if stored == nil {
		return merged{take: true}
	}
	winner, loser := *stored, incoming
	switch incoming.Version().Compare(stored.Version()) {
	case 0:
		return merged{}
	case 1:
		winner, loser = incoming, *stored
	}
	result := merged{take: winner.Version() == incoming.Version()}
	if !winner.follows(loser) {
		result.loser = &loser
	}
	return result
}
