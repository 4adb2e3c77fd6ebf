// Package readmostly holds a map that is read by many and gets new keys seldom.
package readmostly

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// Map from names to values that are changed in place. Reading takes no lock; a new key copies the map.
type Map[V any] struct {
	mutex   sync.Mutex
	current atomic.Pointer[map[string]*V]
}

// Get is the value of a key, nil when there is none.
func (m *Map[V]) Get(key string) *V {
	if current := m.current.Load(); current != nil {
		return (*current)[key]
	}
	return nil
}

// Make is the value of a key. When there is none, fill completes a new one before any reader can get it.
func (m *Map[V]) Make(key string, fill func(*V)) *V {
	if value := m.Get(key); value != nil {
		return value
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if value := m.Get(key); value != nil {
		return value
	}
	value := new(V)
	fill(value)
	copied := m.copy()
	copied[key] = value
	m.current.Store(&copied)
	return value
}

// Keys in no order.
func (m *Map[V]) Keys() []string {
	if current := m.current.Load(); current != nil {
		return slices.Collect(maps.Keys(*current))
	}
	return nil
}

// Delete a key.
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
