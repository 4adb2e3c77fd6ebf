package readmostly

import (
	"slices"
	"testing"
)

func TestAValueIsCompleteBeforeItIsFound(t *testing.T) {
	var m Map[int]
	value := m.Make("a", func(value *int) {
		if m.Get("a") != nil {
			t.Error("found before it was complete")
		}
		*value = 7
	})
	if *value != 7 || m.Get("a") != value {
		t.Errorf("got %v, found %v", *value, m.Get("a"))
	}
	if again := m.Make("a", func(*int) { t.Error("filled again") }); again != value {
		t.Error("there are two")
	}
	m.Make("b", func(*int) {})
	if keys := slices.Sorted(slices.Values(m.Keys())); !slices.Equal(keys, []string{"a", "b"}) {
		t.Errorf("keys: got %v", keys)
	}
	m.Delete("a")
	if m.Get("a") != nil || len(m.Keys()) != 1 {
		t.Errorf("left: %v", m.Keys())
	}
}
