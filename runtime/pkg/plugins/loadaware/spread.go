package loadaware

import (
	"hash/fnv"

	"k8s.io/apimachinery/pkg/types"
	fwk "k8s.io/kube-scheduler/framework"
)

// spread lets a pod choose among the best few: nodes at most `margin` points below the best get the best score, and
// those that a hash of pod and node does not pick get a point less, so that one of them wins for this pod and another
// for the next. The same pod and nodes give the same choice.
func spread(pod types.UID, scores fwk.NodeScoreList, margin int64) {
	if margin <= 0 || len(scores) == 0 {
		return
	}
	best := scores[0].Score
	for _, each := range scores {
		best = max(best, each.Score)
	}
	picked, most := -1, uint64(0)
	for i, each := range scores {
		if each.Score < best-margin {
			continue
		}
		hash := fnv.New64a()
		_, _ = hash.Write([]byte(pod))
		_, _ = hash.Write([]byte(each.Name))
		if rank := mix(hash.Sum64()); picked < 0 || rank > most {
			picked, most = i, rank
		}
	}
	for i := range scores {
		if scores[i].Score >= best-margin {
			scores[i].Score = max(0, best-1)
		}
	}
	scores[picked].Score = max(1, best)
}

// mix spreads the last bytes' influence over all bits (the finisher of MurmurHash3): FNV alone leaves names that end
// alike close together.
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
