// Package nodeagent measures a node and publishes its NodeProfile.
package nodeagent

import (
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/nodeagent/apiclient"
	"github.com/skerry-dev/skerry/runtime/pkg/nodeagent/roundtrip"
	"github.com/skerry-dev/skerry/runtime/pkg/nodeagent/usage"
)

const (
	// firstInterval is the window of the first sample, so that a new node soon has one.
	firstInterval = 5 * time.Second
	// nodeInterval is the time after which the declared capacity is read again.
	nodeInterval = 10 * time.Minute
)

// Agent publishes the profile of one node.
type Agent struct {
	// Node is the name of the node.
	Node   string
	Client *apiclient.Client
	Clock  *apiclient.Clock
	// Sampler measures usage.
	Sampler usage.Sampler
	// Prober measures round-trip times. Optional.
	Prober *roundtrip.Prober
	// ProbeAddress is where the node answers probes, as IP:port; empty if it does not.
	ProbeAddress string
	// Interval is the mean time between samples. Each sample is the mean usage over one interval.
	Interval time.Duration
	Logger   *slog.Logger

	// speed of the cores; 0 until it is measured.
	speed     atomic.Pointer[float64]
	history   usage.History
	hardware  usage.Hardware
	node      apiclient.Node
	declared  capacity
	nodeRead  time.Time
	published apiclient.Capability
	// succeeded is the time of the latest publication.
	succeeded atomic.Pointer[time.Time]
	// publications and failures count what publish did.
	publications, failures atomic.Uint64
}

// capacity is the part of the declared capacity that the agent cannot measure.
type capacity struct {
	IOPS        float64 `json:"iops"`
	NetworkMbps float64 `json:"networkMbps"`
}

// Run samples and publishes until the context ends.
func (a *Agent) Run(ctx context.Context) {
	_, a.hardware = a.Sampler.Sample(time.Now(), 0)
	for wait := min(firstInterval, a.Interval); ; wait = a.Interval*9/10 + rand.N(max(1, a.Interval/5)) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		// Reading the node may take long, so the sample gets a time of its own.
		a.readNode(ctx, time.Now())
		a.step(ctx, time.Now())
	}
}

// SetSpeed sets the speed of the cores.
func (a *Agent) SetSpeed(speed float64) { a.speed.Store(&speed) }

// LastPublished returns the time of the latest publication; zero if there was none.
func (a *Agent) LastPublished() time.Time {
	if at := a.succeeded.Load(); at != nil {
		return *at
	}
	return time.Time{}
}

// step takes a sample and publishes it.
func (a *Agent) step(ctx context.Context, now time.Time) {
	sample, hardware := a.Sampler.Sample(now, a.declared.NetworkMbps)
	a.hardware = hardware
	if sample != nil {
		a.history.Add(*sample)
	}
	if err := a.publish(ctx, now); err != nil {
		if ctx.Err() == nil {
			a.failures.Add(1)
			a.Logger.Warn("failed to publish the profile; retrying", "err", err.Error())
		}
		return
	}
	a.publications.Add(1)
	a.succeeded.Store(&now)
}

// readNode reads the declared capacity of the node from time to time. Without an answer, the earlier one counts.
func (a *Agent) readNode(ctx context.Context, now time.Time) {
	if a.node.UID != "" && now.Sub(a.nodeRead) < nodeInterval {
		return
	}
	node, err := a.Client.Node(ctx, a.Node)
	if err != nil {
		a.Logger.Warn("failed to read the node; retrying", "err", err.Error())
		return
	}
	declared := capacity{}
	if node.Capacity != "" {
		if err := json.Unmarshal([]byte(node.Capacity), &declared); err != nil {
			a.Logger.Warn("the declared capacity of the node is invalid", "err", err.Error())
		}
	}
	// What was published is compared again, in case another client changed the profile.
	a.node, a.declared, a.nodeRead, a.published = node, declared, now, apiclient.Capability{}
}

// publish writes the status, and the capability if it changed.
func (a *Agent) publish(ctx context.Context, now time.Time) error {
	status := a.status(now)
	err := a.Client.PatchStatus(ctx, a.Node, status)
	if apiclient.IsNotFound(err) && a.node.UID != "" {
		a.published = apiclient.Capability{}
		if err = a.Client.CreateProfile(ctx, a.Node, a.node.UID); err == nil {
			err = a.Client.PatchStatus(ctx, a.Node, status)
		}
	}
	if err != nil {
		return err
	}
	capability := a.capability()
	if equal(capability, a.published) {
		return nil
	}
	if err := a.Client.PatchCapability(ctx, a.Node, capability); err != nil {
		return err
	}
	a.published = capability
	return nil
}
