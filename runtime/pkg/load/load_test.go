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

func TestASampleCountsWhileItIsFresh(t *testing.T) {
	f := Freshness{For: time.Minute, Skew: 10 * time.Second}
	for name, each := range map[string]struct {
		age  time.Duration
		want State
	}{
		"now":                  {0, Fresh},
		"just fresh":           {time.Minute, Fresh},
		"just stale":           {time.Minute + 1, Stale},
		"a clock that is fast": {-10 * time.Second, Fresh},
		"the future":           {-10*time.Second - 1, Missing},
	} {
		if got := f.State(now.Add(-each.age), now); got != each.want {
			t.Errorf("%s: got %s, want %s", name, got, each.want)
		}
	}
	if got := f.State(time.Time{}, now); got != Missing {
		t.Errorf("no sample: got %s", got)
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

// known of an object once it is in a Store.
func known(object *v1alpha1.NodeProfile) *Profile {
	store := &Store{}
	store.Put("n", FromObject(object, now))
	return store.known["n"]
}

func TestFromObjectTakesTheNewestSample(t *testing.T) {
	sample := func(age time.Duration, cpu float64) v1alpha1.Sample {
		return v1alpha1.Sample{Time: metav1.NewMicroTime(now.Add(-age)), WindowSeconds: 30, Usage: v1alpha1.Usage{CPUPercent: &cpu}}
	}
	object := &v1alpha1.NodeProfile{
		Spec:   v1alpha1.NodeProfileSpec{Capability: v1alpha1.Capability{CPU: number(4)}},
		Status: v1alpha1.NodeProfileStatus{Samples: []v1alpha1.Sample{sample(time.Minute, 10), sample(0, 25), sample(time.Hour, 90)}, Trend: &v1alpha1.Trend{CPUPercent: number(-7)}},
	}
	profile := known(object)
	if used, known := profile.Usage.Get(CPU); !known || used != 0.25 || !profile.Time.Equal(now) || profile.Window != 30*time.Second {
		t.Errorf("%+v", profile)
	}
	if slope, _ := profile.Trend.Get(CPU); slope != -0.07 {
		t.Errorf("trend: got %v", slope)
	}
	if _, known := profile.Usage.Get(Network); known {
		t.Error("a usage that is not stated is known")
	}
	// A clock that was ahead for a while leaves samples of the future behind.
	for _, ahead := range []time.Duration{11 * time.Second, time.Minute, time.Hour, math.MaxInt64} {
		object.Status.Samples = []v1alpha1.Sample{sample(-ahead, 90), sample(time.Minute, 10), sample(30*time.Second, 15)}
		if used, _ := known(object).Usage.Get(CPU); used != 0.15 {
			t.Errorf("beside a sample %s ahead: got %v", ahead, used)
		}
	}
	object.Status.Samples = []v1alpha1.Sample{sample(30*time.Second, 10), sample(-5*time.Second, 15)}
	if used, _ := known(object).Usage.Get(CPU); used != 0.15 {
		t.Errorf("a clock that is a little fast: got %v", used)
	}
	object.Status.Samples = []v1alpha1.Sample{{Time: metav1.NewMicroTime(now)}}
	if got := known(object); !got.Time.IsZero() {
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
	repeated := 0
	store.Repeat("a", func(string, *Profile) { repeated++ })
	store.Repeat("c", func(string, *Profile) { repeated++ })
	if repeated != 1 {
		t.Errorf("repeated %d times, want once for the node that is known", repeated)
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
		profile := known(&object)
		for d := range Dimensions {
			for name, vector := range map[string]*Vector{"capability": &profile.Capability, "usage": &profile.Usage} {
				if value, known := vector.Get(d); known && !(value >= 0 && value <= maxIOPS) {
					t.Errorf("%s of %s: %v", name, d, value)
				}
			}
		}
		if profile.Window < 0 || !profile.Time.IsZero() && profile.Window == 0 {
			t.Errorf("window of %v", profile.Window)
		}
	})
}
