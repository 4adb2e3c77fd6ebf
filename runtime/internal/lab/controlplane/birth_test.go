package controlplane

import (
	"os"
	"path/filepath"
	"testing"
)

func TestABirthDropInIsReplaced(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		create bool
		want   string
	}{{true, "cluster-init: true\n"}, {false, "server: https://127.9.0.1:6443\n"}} {
		if err := WriteBirth(dir, test.create, "https://127.9.0.1:6443"); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(filepath.Join(dir, BirthFile))
		if err != nil || string(content) != test.want {
			t.Errorf("got %q, %v, want %q", content, err, test.want)
		}
	}
}

func TestServersOfAClusterAcceptTheSameClientTokens(t *testing.T) {
	first := &server{files: map[string][]byte{"service.key": []byte("key of tokyo")}}
	second := &server{files: map[string][]byte{"service.key": []byte("key of tokyo")}}
	other := &server{files: map[string][]byte{"service.key": []byte("key of osaka")}}
	if first.clientToken("admin") != second.clientToken("admin") {
		t.Error("two servers of one cluster have different tokens")
	}
	if first.clientToken("admin") == other.clientToken("admin") || first.clientToken("admin") == first.clientToken("scheduler") {
		t.Error("tokens of different clusters or clients are equal")
	}
}

func TestTimingIsValidated(t *testing.T) {
	valid := Settings{NodeLease: DefaultNodeLease, Election: DefaultElection}
	if err := valid.Validate(); err != nil {
		t.Error(err)
	}
	for _, change := range []func(*Settings){
		func(settings *Settings) { settings.NodeLease = 3e9 },
		func(settings *Settings) { settings.NodeLease = 5_500_000_000 },
		func(settings *Settings) { settings.Election = 0 },
		func(settings *Settings) { settings.Election = 60e9 },
	} {
		settings := valid
		change(&settings)
		if settings.Validate() == nil {
			t.Errorf("%+v must be rejected", settings)
		}
	}
}
