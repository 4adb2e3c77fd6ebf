package v1

import (
	"strings"
	"testing"
)

const good = `{"apiVersion":"simulation.skerry.dev/v1","kind":"SimulationRequest","after":{"nodes":[],"objects":[]},"options":{"seed":1,"drills":[{"region":"tokyo"}]}}`

func TestDecodeReadsARequest(t *testing.T) {
	request, err := Decode([]byte(good))
	if err != nil || request.Options.Seed != 1 || request.Options.Drills[0].Region != "tokyo" {
		t.Errorf("%+v %v", request, err)
	}
}

func TestDecodeReportsEveryProblemWithItsPath(t *testing.T) {
	text := strings.NewReplacer(
		`simulation.skerry.dev/v1`, `simulation.skerry.dev/v9`,
		`"seed":1`, `"sed":1,"fit":[{"workloads":[{"kind":"Deployment","namespace":"shop","name":"","replicas":-1}],"limit":-1}],"alternatives":-1`,
		`[{"region":"tokyo"}]`, `[{},{"region":"tokyo","node":"a"},{"link":{"from":"a","to":"a"}}]`,
		`"objects":[]`, `"objects":[],"runningPods":[{}]`,
	).Replace(good)
	_, err := Decode([]byte(text))
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`apiVersion: must be "simulation.skerry.dev/v1", got "simulation.skerry.dev/v9"`,
		`request: unknown field "options.sed"`,
		"options.alternatives: must be at least 0, got -1",
		"options.drills[0]: must have exactly one of region, node, link, got 0",
		"options.drills[1]: must have exactly one of region, node, link, got 2",
		`options.drills[2].link: must name two regions, got "a" and "a"`,
		"options.fit[0].workloads[0].name: must not be empty",
		"options.fit[0].workloads[0].replicas: must be at least 0, got -1",
		"options.fit[0].limit: must be at least 0, got -1",
		"after.runningPods: must be empty",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
}

func TestDecodeRefusesWhatIsNoRequest(t *testing.T) {
	for text, want := range map[string]string{
		"":   "request: ",
		"[]": "request: ",
		"{}": `kind: must be "SimulationRequest", got ""`,
		strings.Replace(good, `"seed":1`, `"seed":"one"`, 1): "options.seed",
	} {
		if _, err := Decode([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(good))
	f.Fuzz(func(t *testing.T, text []byte) {
		if request, err := Decode(text); (request == nil) == (err == nil) {
			t.Error("neither a request nor an error")
		}
	})
}
