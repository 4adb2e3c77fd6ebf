// Package readmostly holds a map that is read by many and gets new keys seldom.
package readmostly

import (
	"maps"
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

// Make is the value of a key, a zero one when there was none.
func (m *Map[V]) Make(key string) *V {
	if value := m.Get(key); value != nil {
		return value
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	copied := m.copy()
	if copied[key] == nil {
		copied[key] = new(V)
		m.current.Store(&copied)
	}
	return copied[key]
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
