package links

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/klog/v2"
	clocktesting "k8s.io/utils/clock/testing"
)

const good = `{"version":1,"unit":"ms","regions":[{"name":"tokyo","latitude":35.7,"longitude":139.7},{"name":"osaka","latitude":34.7,"longitude":135.5}],
"links":[{"from":"tokyo","to":"osaka","rttMs":9,"basis":"measured","source":"test"},{"from":"osaka","to":"tokyo","rttMs":10,"basis":"estimated","source":"test"}]}`

func TestMatrix(t *testing.T) {
	m, err := Parse([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range []struct {
		from, to string
		want     float64
		known    bool
	}{{"tokyo", "osaka", 9, true}, {"osaka", "tokyo", 10, true}, {"tokyo", "tokyo", 0, true}, {"tokyo", "sydney", 0, false}} {
		if got, known := m.RTT(each.from, each.to); got != each.want || known != each.known {
			t.Errorf("%s to %s: %v %v", each.from, each.to, got, known)
		}
	}
}

var bad = map[string][2]string{
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
	"text behind":    {`"test"}]}`, `"test"}]} {}`},
}

func TestBadMatricesAreRefused(t *testing.T) {
	for name, change := range bad {
		text := strings.Replace(good, change[0], change[1], 1)
		if text == good {
			t.Fatalf("%s changes nothing", name)
		}
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestABadFileLeavesTheLastGoodMatrix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "links.json")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(good)
	clock := clocktesting.NewFakePassiveClock(time.Unix(0, 0))
	source, err := OpenFile(path, clock, klog.Background())
	if err != nil {
		t.Fatal(err)
	}
	look := func(want float64) {
		t.Helper()
		clock.SetTime(clock.Now().Add(reread))
		if got, _ := source.Matrix().RTT("tokyo", "osaka"); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	write(strings.Replace(good, `"rttMs":9`, `"rttMs":0`, 1))
	look(9)
	write(strings.Replace(good, `"rttMs":9`, `"rttMs":12`, 1))
	look(12)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	look(12)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if m, err := Parse(raw); err == nil && m == nil {
			t.Error("neither a matrix nor an error")
		}
	})
}
