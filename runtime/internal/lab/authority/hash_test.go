package authority

import (
	"encoding/json"
	"os"
	"testing"
)

// OpenSSL computed the hashes of these vectors, with which the implementation in TypeScript is tested too.
func TestHashFollowsBothRulesOfK3s(t *testing.T) {
	raw, err := os.ReadFile("../../../../test/fixtures/authority-hashes.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct{ Name, Bundle, Hash string }
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) == 0 {
		t.Fatal("no vectors")
	}
	for _, vector := range vectors {
		if got, err := Hash([]byte(vector.Bundle)); err != nil || got != vector.Hash {
			t.Errorf("%s: got %s, %v, want %s", vector.Name, got, err, vector.Hash)
		}
	}
}
