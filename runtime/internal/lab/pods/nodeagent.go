package pods

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/skerry-dev/skerry/runtime/internal/lab/delay"
	"github.com/skerry-dev/skerry/runtime/internal/lab/kernelfiles"
	"github.com/skerry-dev/skerry/runtime/internal/lab/usage"
	skerrylabels "github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/nodepool"
)

// Names in the chart of the node agent, charts/system/node-agent.ts.
const (
	sysVolume = "sys"
	probePort = 9464
)

const (
	// probeBindPort is the port at which an agent answers probes. The relay in front of it has probePort.
	probeBindPort = 19464
	// machineInterval is the interval at which the counters of a machine advance. An agent reads them at any time, so what it
	// measures over 30 s is off by 3 % at most.
	machineInterval = time.Second
	// defaultLinkMbps is the speed of the network interface of nodes without a declared bandwidth.
	defaultLinkMbps = 1000
)

// machine is the simulated machine of a node, which the node agent on it measures.
type machine struct {
	runner *Runner
	node   string
	files  kernelfiles.Files
	last   time.Time
}

func procDir(dir string) string { return filepath.Join(dir, "proc") }

// newMachine writes the files of the machine of the pod's node: what a node agent reads of /proc and /sys.
func (i *instance) newMachine(dir string) (*machine, error) {
	m := &machine{
		runner: i.runner, node: i.pod.Spec.NodeName, last: time.Now(),
		files: kernelfiles.Files{Proc: procDir(dir), Sys: volumeDir(dir, sysVolume)},
	}
	// An earlier run of the lab may have left control groups of pods that have ended.
	for _, folder := range []string{m.files.Proc, m.files.Sys} {
		if err := os.RemoveAll(folder); err != nil {
			return nil, err
		}
	}
	node, err := m.runner.nodes.Get(m.node)
	if err != nil {
		return nil, err
	}
	if _, declared := node.Annotations[nodepool.CapacityAnnotation]; !declared && node.Labels[skerrylabels.NodePool] != "" {
		return nil, fmt.Errorf("node %s has no declared capacity yet", m.node)
	}
	return m, m.advance(m.last)
}

// nodeAgentArguments returns the arguments of a node agent that differ in the lab: it answers probes behind the relay, and its
// benchmark would measure this machine instead of the simulated one.
func (i *instance) nodeAgentArguments() ([]string, error) {
	node, err := i.runner.nodes.Get(i.pod.Spec.NodeName)
	if err != nil {
		return nil, err
	}
	speed := "unknown"
	if declared := usage.DeclaredCapacity(node).CoreSpeed; declared > 0 {
		speed = strconv.FormatFloat(declared, 'f', -1, 64)
	}
	return []string{"--probe-bind-address=" + i.probeBindAddress().String(), "--core-speed=" + speed}, nil
}

// run lets the machine run until the context ends.
func (m *machine) run(ctx context.Context) {
	ticker := time.NewTicker(machineInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			if err := m.advance(now); err != nil && ctx.Err() == nil {
				m.runner.Logger.Warn("failed to simulate a machine", "cluster", m.runner.Cluster, "node", m.node, "err", err)
			}
		}
	}
}

// advance lets the machine run until a time.
func (m *machine) advance(now time.Time) error {
	node, err := m.runner.nodes.Get(m.node)
	if err != nil {
		return err
	}
	pods, err := m.runner.lister.List(labels.Everything())
	if err != nil {
		return err
	}
	elapsed := now.Sub(m.last)
	m.last = now
	return m.files.Advance(elapsed, hardwareOf(node), usage.At(m.runner.Traces, node, pods, now.Add(-elapsed/2)))
}

func hardwareOf(node *corev1.Node) kernelfiles.Hardware {
	hardware := kernelfiles.Hardware{
		Cores:       int(node.Status.Capacity.Cpu().Value()),
		MemoryBytes: node.Status.Capacity.Memory().AsApproximateFloat64(),
		LinkMbps:    float64(usage.DeclaredCapacity(node).NetworkMbps),
	}
	if hardware.LinkMbps <= 0 {
		hardware.LinkMbps = defaultLinkMbps
	}
	return hardware
}

// probeBindAddress returns the address at which the pod's node agent answers probes.
func (i *instance) probeBindAddress() netip.AddrPort {
	address, _ := netip.ParseAddr(i.address)
	return netip.AddrPortFrom(address, probeBindPort)
}

// newProbeRelay returns a relay that delays the probes of the pod's node agent as the network between the nodes would.
func (i *instance) newProbeRelay() (*delay.Relay, error) {
	bound := i.probeBindAddress()
	if !bound.Addr().IsValid() {
		return nil, errors.New("the pod has no address")
	}
	front, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(bound.Addr(), probePort)))
	if err != nil {
		return nil, err
	}
	return &delay.Relay{Front: front, Back: bound, RoundTrip: func(sender netip.Addr) (time.Duration, bool) {
		return i.runner.roundTrip(sender.String(), i.pod.Spec.NodeName)
	}}, nil
}
