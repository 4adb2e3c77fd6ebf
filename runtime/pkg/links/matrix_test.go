package links

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/klog/v2"
	clocktesting "k8s.io/utils/clock/testing"
)

const validFile = `{"version":1,"unit":"ms","regions":[{"name":"tokyo","latitude":35.7,"longitude":139.7},{"name":"osaka","latitude":34.7,"longitude":135.5},{"name":"sydney","latitude":-33.9,"longitude":151.2}],
"links":[{"from":"tokyo","to":"osaka","rttMs":9,"basis":"measured","source":"test"},{"from":"osaka","to":"tokyo","rttMs":10,"basis":"estimated","source":"test"}]}`

func TestLinkReturnsMeasurementsAndEstimates(t *testing.T) {
	m, err := Parse([]byte(validFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		from, to string
		want     float64
		basis    Basis
	}{{"tokyo", "osaka", 9, Measured}, {"osaka", "tokyo", 10, Estimated}, {"tokyo", "tokyo", 0, Measured}, {"tokyo", "sydney", 122.7, Estimated}} {
		if got, known := m.Link(test.from, test.to); got.RTTMs != test.want || got.Basis != test.basis || !known {
			t.Errorf("%s to %s: %v %v", test.from, test.to, got, known)
		}
	}
	for _, pair := range [][2]string{{"tokyo", "atlantis"}, {"mars", "atlantis"}, {"", ""}} {
		if _, known := m.Link(pair[0], pair[1]); known {
			t.Errorf("%v: got a link", pair)
		}
	}
	if link, known := m.Link("atlantis", "atlantis"); !known || link.RTTMs != 0 {
		t.Errorf("within one region: %v %v", link, known)
	}
}

// fleet/links.ts has the same formula; its test reads the same fixture.
func TestEstimatesMatchThoseOfTheFleet(t *testing.T) {
	raw, err := os.ReadFile("../../../test/fixtures/estimated-links.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		From, To Region
		RTTMs    float64 `json:"rttMs"`
	}
	if err := json.Unmarshal(raw, &cases); err != nil || len(cases) < 5 {
		t.Fatal(len(cases), err)
	}
	for _, test := range cases {
		if got := Estimate(test.From, test.To); got != test.RTTMs {
			t.Errorf("%s to %s: got %v, want %v", test.From.Name, test.To.Name, got, test.RTTMs)
		}
	}
}

var invalidFiles = map[string][2]string{
	"truncated":      {`"source":"test"}]}`, ``},
	"zero":           {`"rttMs":9`, `"rttMs":0`},
	"negative":       {`"rttMs":9`, `"rttMs":-9`},
	"too long":       {`"rttMs":9`, `"rttMs":90000`},
	"unit":           {`"ms"`, `"s"`},
	"version":        {`"version":1`, `"version":2`},
	"unknown field":  {`"unit"`, `"units":"ms","unit"`},
	"unknown region": {`"to":"osaka"`, `"to":"kyoto"`},
	"itself":         {`"to":"osaka"`, `"to":"tokyo"`},
	"basis":          {`"measured"`, `"guessed"`},
	"day":            {`"source":"test"}`, `"source":"test","at":"yesterday"}`},
	"latitude":       {`"latitude":35.7`, `"latitude":95.7`},
	"data behind":    {`"test"}]}`, `"test"}]} {}`},
}

func TestParseRejectsInvalidFiles(t *testing.T) {
	for name, change := range invalidFiles {
		text := strings.Replace(validFile, change[0], change[1], 1)
		if text == validFile {
			t.Fatalf("%s: the fixture did not change", name)
		}
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestFileSourceKeepsTheLastValidMatrix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "links.json")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(validFile)
	clock := clocktesting.NewFakeClock(time.Unix(0, 0))
	source, err := OpenFiles(t.Context(), path, filepath.Join(filepath.Dir(path), "measured.json"), clock, klog.Background())
	if err != nil {
		t.Fatal(err)
	}
	// Subscribers are notified without asking for the matrix.
	changes := make(chan float64, 10)
	source.Subscribe(func() {
		link, _ := source.Matrix().Link("tokyo", "osaka")
		changes <- link.RTTMs
	})
	expectChange := func(want float64) {
		t.Helper()
		clock.Step(pollPeriod)
		select {
		case got := <-changes:
			if got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("no notification of %v", want)
		}
	}
	write(strings.Replace(validFile, `"rttMs":9`, `"rttMs":12`, 1))
	expectChange(12)
	expectNoChange := func(change func()) {
		t.Helper()
		change()
		source.reload()
		if got, _ := source.Matrix().Link("tokyo", "osaka"); got.RTTMs != 12 || len(changes) > 0 {
			t.Errorf("got %v and %d notifications", got, len(changes))
		}
	}
	expectNoChange(func() { write(strings.Replace(validFile, `"rttMs":9`, `"rttMs":0`, 1)) })
	expectNoChange(func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	})
	write(strings.Replace(validFile, `"rttMs":9`, `"rttMs":15`, 1))
	expectChange(15)

	measured := filepath.Join(filepath.Dir(path), "measured.json")
	writeMeasured := func(text string) {
		if err := os.WriteFile(measured, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	writeMeasured(`{"version":1,"unit":"ms","regions":[],"links":[{"from":"tokyo","to":"osaka","rttMs":21,"basis":"measured","source":"nodes","at":"2026-11-27T09:30:00Z"},{"from":"tokyo","to":"atlantis","rttMs":1,"basis":"measured","source":"nodes"}]}`)
	expectChange(21)
	if link, _ := source.Matrix().Link("osaka", "tokyo"); link.RTTMs != 10 {
		t.Errorf("a link that was not measured: got %v", link)
	}
	writeMeasured(`{"version":1,"unit":"ms","regions":[],"links":[{"from":"tokyo","to":"osaka","rttMs":-1,"basis":"measured","source":"nodes"}]}`)
	source.reload()
	if link, _ := source.Matrix().Link("tokyo", "osaka"); link.RTTMs != 21 {
		t.Errorf("with an invalid file: got %v, want the last valid link", link)
	}
	writeMeasured("")
	expectChange(15)
}

func TestShortestIsBelowEveryEstimate(t *testing.T) {
	m, err := Parse([]byte(validFile))
	if err != nil {
		t.Fatal(err)
	}
	region := func(name string) Region { region, _ := m.Region(name); return region }
	// Tokyo and Osaka are 400 km apart, Tokyo and Sydney 7,800 km.
	for _, test := range []struct {
		to       string
		from, up float64
	}{{"osaka", 1, 1.6}, {"sydney", 49, 52}, {"tokyo", 0, 0}} {
		got := Shortest(region("tokyo"), region(test.to))
		if got < test.from || got > test.up || got >= Estimate(region("tokyo"), region(test.to)) {
			t.Errorf("tokyo to %s: got %v", test.to, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(validFile))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if m, err := Parse(raw); err == nil && m == nil {
			t.Error("got neither a matrix nor an error")
		}
	})
}

func TestWithChangesSomeLinksOfACopy(t *testing.T) {
	m, err := Parse([]byte(validFile))
	if err != nil {
		t.Fatal(err)
	}
	changed := m.With(map[[2]string]Link{{"tokyo", "osaka"}: {From: "tokyo", To: "osaka", RTTMs: 300, Basis: Estimated}})
	for _, each := range []struct {
		matrix   *Matrix
		from, to string
		want     float64
	}{{changed, "tokyo", "osaka", 300}, {changed, "osaka", "tokyo", 10}, {changed, "tokyo", "sydney", 122.7}, {m, "tokyo", "osaka", 9}} {
		if got, _ := each.matrix.Link(each.from, each.to); got.RTTMs != each.want {
			t.Errorf("%s to %s: got %v, want %v", each.from, each.to, got.RTTMs, each.want)
		}
	}
}
