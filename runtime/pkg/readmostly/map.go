// Package readmostly provides a copy-on-write map for many readers and few new keys.
package readmostly

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// Map maps names to values that change in place. Reads take no lock; adding or deleting a key copies the map.
type Map[V any] struct {
	mutex   sync.Mutex
	current atomic.Pointer[map[string]*V]
}

// Get returns the value of a key, or nil if there is none.
func (m *Map[V]) Get(key string) *V {
	if current := m.current.Load(); current != nil {
		return (*current)[key]
	}
	return nil
}

// GetOrCreate returns the value of a key. If there is none, it creates one and calls initialize before any reader can get
// the value.
func (m *Map[V]) GetOrCreate(key string, initialize func(*V)) *V {
	if value := m.Get(key); value != nil {
		return value
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if value := m.Get(key); value != nil {
		return value
	}
	value := new(V)
	initialize(value)
	copied := m.copy()
	copied[key] = value
	m.current.Store(&copied)
	return value
}

// Keys returns the keys in no particular order.
func (m *Map[V]) Keys() []string {
	if current := m.current.Load(); current != nil {
		return slices.Collect(maps.Keys(*current))
	}
	return nil
}

// Delete deletes a key.
func (m *Map[V]) Delete(key string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	copied := m.copy()
	delete(copied, key)
	m.current.Store(&copied)
}

func (m *Map[V]) copy() map[string]*V {
	if current := m.current.Load(); current != nil {
		return maps.Clone(*current)
	}
	return map[string]*V{}
}
