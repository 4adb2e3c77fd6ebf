package controlplane

import (
	"fmt"
	"time"

	"github.com/spf13/pflag"
)

// DefaultNodeLease is the default lease duration of a kubelet (nodeLeaseDurationSeconds in its configuration).
const DefaultNodeLease = 40 * time.Second

// DefaultElection is the default of how long etcd's followers wait for their leader. A server that creates a cluster waits as
// long before it leads. K3s waits 5 s.
const DefaultElection = 2 * time.Second

// Timing is the timing of all servers.
type Timing struct {
	// NodeLease is the duration of node leases. Nodes renew their leases every quarter of it. A node becomes not ready ten
	// seconds after its lease has expired.
	NodeLease time.Duration
	// Election is how long etcd's followers wait for their leader before they elect another.
	Election time.Duration
}

// AddFlags adds the flags that set the timing.
func (t *Timing) AddFlags(flags *pflag.FlagSet) {
	flags.DurationVar(&t.NodeLease, "node-lease-duration", DefaultNodeLease,
		"duration of node leases, which are renewed every quarter of it; longer leases take load off the API server")
	flags.DurationVar(&t.Election, "etcd-election-timeout", DefaultElection,
		"how long etcd's followers wait for their leader; K3s waits 5s")
}

// Args returns the flags that set this timing.
func (t Timing) Args() []string {
	return []string{"--node-lease-duration", t.NodeLease.String(), "--etcd-election-timeout", t.Election.String()}
}

const (
	// minNodeLease is renewed every second, which a busy machine can keep up with.
	minNodeLease = 4 * time.Second
	// A tenth of these is the interval of heartbeats.
	minElection, maxElection = time.Second, 50 * time.Second
)

// Validate returns an error for a timing that the lab does not support.
func (t Timing) Validate() error {
	if t.NodeLease < minNodeLease || t.NodeLease%time.Second != 0 {
		return fmt.Errorf("--node-lease-duration: must be a whole number of seconds, at least %s, got %s", minNodeLease, t.NodeLease)
	}
	if t.Election < minElection || t.Election > maxElection {
		return fmt.Errorf("--etcd-election-timeout: must be between %s and %s, got %s", minElection, maxElection, t.Election)
	}
	return nil
}
