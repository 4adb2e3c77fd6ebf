// Package pods runs the pods of local programs as processes, like a small kubelet without containers.
package pods

import (
	"sort"
	"sync"
)

// Process is a container that runs as a process.
type Process struct {
	Cluster   string `json:"cluster"`
	Namespace string `json:"namespace"`
	Pod       string `json:"pod"`
	Container string `json:"container"`
	Image     string `json:"image"`
	PID       int    `json:"pid"`
	State     string `json:"state"`
	Restarts  int    `json:"restarts"`
	LogFile   string `json:"logFile"`
}

// Registry lists the processes of all clusters.
type Registry struct {
	mutex   sync.Mutex
	entries map[string]Process
}

// NewRegistry returns an empty registry.
func NewRegistry() *Registry { return &Registry{entries: map[string]Process{}} }

func (r *Registry) put(key string, process Process) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.entries[key] = process
}

func (r *Registry) remove(key string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	delete(r.entries, key)
}

// List returns all processes, sorted by cluster, namespace, pod and container.
func (r *Registry) List() []Process {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	list := make([]Process, 0, len(r.entries))
	for _, entry := range r.entries {
		list = append(list, entry)
	}
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		return a.Cluster+"/"+a.Namespace+"/"+a.Pod+"/"+a.Container < b.Cluster+"/"+b.Namespace+"/"+b.Pod+"/"+b.Container
	})
	return list
}
