package controlplane

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// DefaultNodeLease is the default lease duration of a kubelet (nodeLeaseDurationSeconds in its configuration).
const DefaultNodeLease = 40 * time.Second

// DefaultElection is the default of how long etcd's followers wait for their leader. A server that creates a cluster waits as
// long before it leads. K3s waits 5 s.
const DefaultElection = 2 * time.Second

// Settings are the settings of all servers.
type Settings struct {
	// NodeLease is the duration of node leases. Nodes renew their leases every quarter of it. A node becomes not ready ten
	// seconds after its lease has expired.
	NodeLease time.Duration
	// Election is how long etcd's followers wait for their leader before they elect another.
	Election time.Duration
	// Simulated are the names of local programs whose pods are simulated.
	Simulated []string
}

// AddFlags adds the flags of the settings.
func (s *Settings) AddFlags(flags *pflag.FlagSet) {
	flags.DurationVar(&s.NodeLease, "node-lease-duration", DefaultNodeLease,
		"duration of node leases, which are renewed every quarter of it; longer leases take load off the API server")
	flags.DurationVar(&s.Election, "etcd-election-timeout", DefaultElection,
		"how long etcd's followers wait for their leader; K3s waits 5s")
	flags.StringSliceVar(&s.Simulated, "simulate", nil, "programs whose pods are simulated, also where they could run as processes")
}

// Args returns the flags that set these settings.
func (s Settings) Args() []string {
	return []string{"--node-lease-duration", s.NodeLease.String(), "--etcd-election-timeout", s.Election.String(), "--simulate", strings.Join(s.Simulated, ",")}
}

const (
	// minNodeLease is renewed every second, which a busy machine can keep up with.
	minNodeLease = 4 * time.Second
	// A tenth of these is the interval of heartbeats.
	minElection, maxElection = time.Second, 50 * time.Second
)

// Validate returns an error for settings that the lab does not support.
func (s Settings) Validate() error {
	if s.NodeLease < minNodeLease || s.NodeLease%time.Second != 0 {
		return fmt.Errorf("--node-lease-duration: must be a whole number of seconds, at least %s, got %s", minNodeLease, s.NodeLease)
	}
	if s.Election < minElection || s.Election > maxElection {
		return fmt.Errorf("--etcd-election-timeout: must be between %s and %s, got %s", minElection, maxElection, s.Election)
	}
	return nil
}
