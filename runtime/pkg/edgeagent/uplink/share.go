package uplink

// Lane is a group of messages that are sent in order.
type Lane int

// Lanes.
const (
	// Live messages are newer than the connection.
	Live Lane = iota
	// Backlog messages waited when the connection came up.
	Backlog
)

var lanes = [...]Lane{Live, Backlog}

func (l Lane) String() string { return [...]string{"live", "backlog"}[l] }

// share divides bytes between the lanes: the lane that was served least, in relation to its weight, is next. A lane that
// had nothing to send gains no claim for later.
type share struct {
	weight [len(lanes)]float64
	served [len(lanes)]float64
	idle   [len(lanes)]bool
}

func newShare(backlogPercent int) *share {
	return &share{
		weight: [...]float64{Live: float64(100 - backlogPercent), Backlog: float64(backlogPercent)},
		idle:   [...]bool{Live: true, Backlog: true},
	}
}

// choose returns the next of the lanes that have something to send, and false if none has.
func (s *share) choose(waiting [len(lanes)]bool) (Lane, bool) {
	for _, lane := range lanes {
		other := 1 - lane
		if waiting[lane] && s.idle[lane] && !s.idle[other] {
			s.served[lane] = max(s.served[lane], s.served[other])
		}
	}
	for _, lane := range lanes {
		s.idle[lane] = !waiting[lane]
	}
	switch {
	case waiting[Live] && waiting[Backlog]:
		if s.served[Backlog] < s.served[Live] {
			return Backlog, true
		}
		return Live, true
	case waiting[Live]:
		return Live, true
	case waiting[Backlog]:
		return Backlog, true
	}
	return 0, false
}

// serve records what was sent.
func (s *share) serve(lane Lane, bytes int) { s.served[lane] += float64(bytes) / s.weight[lane] }
