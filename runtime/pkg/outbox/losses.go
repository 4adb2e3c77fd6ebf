package outbox

// LossReason is why messages will not be delivered.
type LossReason string

const (
	// LossFull means that the messages were dropped because their class or the disk was full.
	LossFull LossReason = "Full"
	// LossAge means that the messages were dropped because of their age.
	LossAge LossReason = "Age"
	// LossCorrupt means that the messages were once on disk and cannot be read any more.
	LossCorrupt LossReason = "Corrupt"
	// LossTorn means that the messages are damaged and belong to the last batch before a start. Either the batch was being
	// written when the power failed, and its Append had not returned; or the messages were damaged later. The disk does not
	// tell which.
	LossTorn LossReason = "Torn"
)

// Loss is a range of messages that will not be delivered. Those of the range that were acknowledged before are not lost.
type Loss struct {
	Range
	Reason LossReason `json:"reason"`
}

// lose records that those messages of a range that are not done will not be delivered.
func (s *state) lose(reason LossReason, within Range) {
	for _, part := range s.Done.Missing(within) {
		s.Lost[reason] += part.Last - part.First + 1
		s.Done.Add(part)
		if last := len(s.Losses) - 1; last >= 0 && s.Losses[last].Reason == reason && s.Losses[last].Last+1 == part.First {
			s.Losses[last].Last = part.Last
			continue
		}
		s.Losses = append(s.Losses, Loss{Range: part, Reason: reason})
	}
}
