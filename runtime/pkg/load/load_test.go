package load

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
)

var now = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func TestTrust(t *testing.T) {
	b := Belief{FreshFor: time.Minute, HalfLife: 2 * time.Minute, Skew: 10 * time.Second}
	for name, each := range map[string]struct {
		age   time.Duration
		trust float64
		state State
	}{
		"now":                  {0, 1, Fresh},
		"just fresh":           {time.Minute, 1, Fresh},
		"a half-life older":    {3 * time.Minute, 0.5, Stale},
		"two half-lives older": {5 * time.Minute, 0.25, Stale},
		"long ago":             {time.Hour, 0, Stale},
		"a clock that is fast": {-5 * time.Second, 1, Fresh},
		"the future":           {-time.Minute, 0, Missing},
	} {
		if trust, state := b.Trust(now.Add(-each.age), now); math.Abs(trust-each.trust) > 1e-9 || state != each.state {
			t.Errorf("%s: got %v %s, want %v %s", name, trust, state, each.trust, each.state)
		}
	}
	if trust, state := b.Trust(time.Time{}, now); trust != 0 || state != Missing {
		t.Errorf("no sample: got %v %s", trust, state)
	}
	if trust, _ := b.Trust(now.Add(-b.Horizon()-time.Second), now); trust != 0 {
		t.Errorf("beyond the horizon: got %v", trust)
	}
	// No step on the way from fresh to forgotten is larger than trust loses in that time by halves.
	for age, last := time.Minute, 1.0; age < b.Horizon(); age += time.Second {
		trust, _ := b.Trust(now.Add(-age), now)
		if trust > last || last-trust > 0.01 {
			t.Fatalf("%s: from %v to %v", age, last, trust)
		}
		last = trust
	}
}

func TestTrend(t *testing.T) {
	line := func(perHour float64, ages ...time.Duration) []Point {
		var points []Point
		for _, age := range ages {
			points = append(points, Point{now.Add(-age), 40 - perHour*age.Hours()})
		}
		return points
	}
	if got, known := Trend(line(12, time.Hour, 40*time.Minute, 5*time.Minute, 0)); !known || math.Abs(got-12) > 1e-6 {
		t.Errorf("a line: got %v %v", got, known)
	}
	older := append([]Point{{now.Add(-3 * time.Hour), 1e6}}, line(-3, 30*time.Minute, 0)...)
	if got, _ := Trend(older); math.Abs(got+3) > 1e-6 {
		t.Errorf("what is older than an hour counts: got %v", got)
	}
	for _, points := range [][]Point{nil, line(1, 0), {{now, 1}, {now, 2}}} {
		if _, known := Trend(points); known {
			t.Errorf("a trend of %v", points)
		}
	}
}

func number(value float64) *float64 { return &value }

func TestFromObjectTakesTheNewestSample(t *testing.T) {
	sample := func(age time.Duration, cpu float64) v1alpha1.Sample {
		return v1alpha1.Sample{Time: metav1.NewMicroTime(now.Add(-age)), WindowSeconds: 30, Usage: v1alpha1.Usage{CPUPercent: &cpu, MemoryPercent: number(-1)}}
	}
	object := &v1alpha1.NodeProfile{
		Spec:   v1alpha1.NodeProfileSpec{Capability: v1alpha1.Capability{CPU: number(4), IOPS: number(math.NaN())}},
		Status: v1alpha1.NodeProfileStatus{Samples: []v1alpha1.Sample{sample(time.Minute, 10), sample(0, 25), sample(time.Hour, 90)}, Trend: &v1alpha1.Trend{CPUPercent: number(-7)}},
	}
	profile := FromObject(object)
	if used, known := profile.Usage.Get(CPU); !known || used != 0.25 || !profile.Time.Equal(now) || profile.Window != 30*time.Second {
		t.Errorf("%+v", profile)
	}
	if slope, _ := profile.Trend.Get(CPU); slope != -0.07 {
		t.Errorf("trend: got %v", slope)
	}
	for name, vector := range map[string]struct {
		of *Vector
		d  Dimension
	}{"a negative number": {&profile.Usage, Memory}, "nobody said": {&profile.Usage, Network}, "no number": {&profile.Capability, IO}} {
		if value, known := vector.of.Get(vector.d); known {
			t.Errorf("%s: got %v", name, value)
		}
	}
	object.Status.Samples = []v1alpha1.Sample{{Time: metav1.NewMicroTime(now)}}
	if got := FromObject(object); !got.Time.IsZero() {
		t.Errorf("a sample of no window: %+v", got)
	}
}

func TestAStoreTellsItsFollowers(t *testing.T) {
	store := &Store{}
	store.Put("a", &Profile{Time: now})
	told := map[string]*Profile{}
	store.Follow(func(node string, profile *Profile) { told[node] = profile })
	store.Put("b", &Profile{})
	if told["a"] == nil || told["b"] == nil {
		t.Errorf("%v", told)
	}
	store.Put("a", nil)
	if told["a"] != nil {
		t.Error("a is still known")
	}
}

func FuzzFromObject(f *testing.F) {
	f.Add([]byte(`{"spec":{"capability":{"cpu":4,"memoryGB":-1}},"status":{"samples":[{"time":"2026-01-01T00:00:00.000000Z","windowSeconds":30,"cpuPercent":20},{"time":null,"windowSeconds":-3}],"trend":{"cpuPercent":-4}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var object v1alpha1.NodeProfile
		if json.Unmarshal(raw, &object) != nil {
			return
		}
		profile := FromObject(&object)
		for d := range Dimensions {
			for name, vector := range map[string]*Vector{"capability": &profile.Capability, "usage": &profile.Usage} {
				if value, known := vector.Get(d); known && !(value >= 0 && !math.IsInf(value, 0)) {
					t.Errorf("%s of %s: %v", name, d, value)
				}
			}
		}
		if profile.Window < 0 || !profile.Time.IsZero() && profile.Window == 0 {
			t.Errorf("window of %v", profile.Window)
		}
	})
}
