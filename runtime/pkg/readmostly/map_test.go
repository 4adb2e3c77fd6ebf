package readmostly

import (
	"slices"
	"testing"
)

func TestGetOrCreateInitializesValuesBeforeReadersGetThem(t *testing.T) {
	var m Map[int]
	value := m.GetOrCreate("a", func(value *int) {
		if m.Get("a") != nil {
			t.Error("Get found the value before it was initialized")
		}
		*value = 7
	})
	if *value != 7 || m.Get("a") != value {
		t.Errorf("created %v, Get returned %v", *value, m.Get("a"))
	}
	if again := m.GetOrCreate("a", func(*int) { t.Error("initialized twice") }); again != value {
		t.Error("created twice")
	}
	m.GetOrCreate("b", func(*int) {})
	if keys := slices.Sorted(slices.Values(m.Keys())); !slices.Equal(keys, []string{"a", "b"}) {
		t.Errorf("keys: got %v", keys)
	}
	m.Delete("a")
	if m.Get("a") != nil || len(m.Keys()) != 1 {
		t.Errorf("after Delete: %v", m.Keys())
	}
}
