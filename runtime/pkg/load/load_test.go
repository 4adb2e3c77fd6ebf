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

func TestFreshnessReturnsStateByAge(t *testing.T) {
	f := Freshness{MaxAge: time.Minute, MaxClockSkew: 10 * time.Second}
	for name, test := range map[string]struct {
		age  time.Duration
		want State
	}{
		"now":         {0, Fresh},
		"just fresh":  {time.Minute, Fresh},
		"just stale":  {time.Minute + 1, Stale},
		"clock ahead": {-10 * time.Second, Fresh},
		"the future":  {-10*time.Second - 1, Missing},
	} {
		if got := f.State(now.Add(-test.age), now); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
	if got := f.State(time.Time{}, now); got != Missing {
		t.Errorf("no sample: got %s", got)
	}
}

func number(value float64) *float64 { return &value }

// stored returns the profile that a Store keeps for an object.
func stored(object *v1alpha1.NodeProfile) *Profile {
	store := &Store{}
	store.Put("n", FromObject(object, now))
	return store.profiles["n"]
}

func TestFromObjectTakesTheNewestSample(t *testing.T) {
	sample := func(age time.Duration, cpu float64) v1alpha1.Sample {
		return v1alpha1.Sample{Time: metav1.NewMicroTime(now.Add(-age)), WindowSeconds: 30, Usage: v1alpha1.Usage{CPUPercent: &cpu}}
	}
	object := &v1alpha1.NodeProfile{
		Spec:   v1alpha1.NodeProfileSpec{Capability: v1alpha1.Capability{CPU: number(4)}},
		Status: v1alpha1.NodeProfileStatus{Samples: []v1alpha1.Sample{sample(time.Minute, 10), sample(0, 25), sample(time.Hour, 90)}, Trend: &v1alpha1.Trend{CPUPercent: number(-7)}},
	}
	profile := stored(object)
	if used, known := profile.Usage.Get(CPU); !known || used != 0.25 || !profile.Time.Equal(now) || profile.Window != 30*time.Second {
		t.Errorf("%+v", profile)
	}
	if slope, _ := profile.Trend.Get(CPU); slope != -0.07 {
		t.Errorf("trend: got %v", slope)
	}
	if _, known := profile.Usage.Get(Network); known {
		t.Error("network usage is known without a measurement")
	}
	// A clock that was ahead for a while leaves samples from the future behind.
	for _, ahead := range []time.Duration{11 * time.Second, time.Minute, time.Hour, math.MaxInt64} {
		object.Status.Samples = []v1alpha1.Sample{sample(-ahead, 90), sample(time.Minute, 10), sample(30*time.Second, 15)}
		if used, _ := stored(object).Usage.Get(CPU); used != 0.15 {
			t.Errorf("next to a sample %s ahead: got %v", ahead, used)
		}
	}
	object.Status.Samples = []v1alpha1.Sample{sample(30*time.Second, 10), sample(-5*time.Second, 15)}
	if used, _ := stored(object).Usage.Get(CPU); used != 0.15 {
		t.Errorf("clock slightly ahead: got %v", used)
	}
	object.Status.Samples = []v1alpha1.Sample{{Time: metav1.NewMicroTime(now)}}
	if got := stored(object); !got.Time.IsZero() {
		t.Errorf("sample without a window: %+v", got)
	}
}

func TestStoreNotifiesSubscribers(t *testing.T) {
	store := &Store{}
	store.Put("a", &Profile{Time: now})
	updates := map[string]*Profile{}
	store.Subscribe(func(node string, profile *Profile) { updates[node] = profile })
	store.Put("b", &Profile{})
	if updates["a"] == nil || updates["b"] == nil {
		t.Errorf("%v", updates)
	}
	replayed := 0
	store.Replay("a", func(string, *Profile) { replayed++ })
	store.Replay("c", func(string, *Profile) { replayed++ })
	if replayed != 1 {
		t.Errorf("replayed %d times, want once, for the node with a profile", replayed)
	}
	store.Put("a", nil)
	if updates["a"] != nil {
		t.Error("node a still has a profile")
	}
}

func FuzzFromObject(f *testing.F) {
	f.Add([]byte(`{"spec":{"capability":{"cpu":4,"memoryGB":-1}},"status":{"samples":[{"time":"2026-01-01T00:00:00.000000Z","windowSeconds":30,"cpuPercent":20},{"time":null,"windowSeconds":-3}],"trend":{"cpuPercent":-4}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var object v1alpha1.NodeProfile
		if json.Unmarshal(raw, &object) != nil {
			return
		}
		profile := stored(&object)
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
