package strict

// maxDistance is how many edits lie between a misspelled name and the one that is suggested.
const maxDistance = 2

// nearest returns the candidate that a name is most likely a misspelling of, or "".
func nearest(name string, candidates []string) string {
	best, least := "", maxDistance+1
	for _, candidate := range candidates {
		if distance := edits(name, candidate); distance < least && distance < len(candidate) {
			best, least = candidate, distance
		}
	}
	return best
}

// edits returns the Levenshtein distance of two texts.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for column := range row {
		row[column] = column
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
