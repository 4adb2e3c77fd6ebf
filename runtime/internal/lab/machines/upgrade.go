package machines

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/skerry-dev/skerry/runtime/internal/lab/agent"
	"github.com/skerry-dev/skerry/runtime/internal/lab/controlplane"
	"github.com/skerry-dev/skerry/runtime/internal/lab/userdata"
)

// startTimeout limits one attempt to start K3s again on an agent.
const startTimeout = 10 * time.Second

// InstallK3s replaces K3s on the machine of a node, and restarts it if its version has changed.
func (m *Manager) InstallK3s(cluster, node, version string) error {
	if !userdata.IsK3sVersion(version) {
		return Error{http.StatusBadRequest, fmt.Sprintf("version: %s, got %q", userdata.K3sVersionRule, version)}
	}
	if s := m.serverOf(cluster, node); s != nil {
		installed, err := agent.InstalledK3s(s.dir)
		if err != nil || installed == version {
			return err
		}
		// The process has installed it at the first boot.
		s.setK3s(installed)
		if err := agent.InstallK3s(s.dir, version); err != nil {
			return err
		}
		s.restart()
		return nil
	}
	g, machine := m.agentOf(cluster, node)
	if machine == nil {
		return Error{http.StatusNotFound, fmt.Sprintf("cluster %s has no machine with node %s", cluster, node)}
	}
	root := m.agentDir(g.Name, machine.Name)
	if installed, err := agent.InstalledK3s(root); err != nil || installed == version {
		return err
	}
	if err := agent.InstallK3s(root, version); err != nil {
		return err
	}
	m.mutex.Lock()
	machine.State = Joining
	m.mutex.Unlock()
	go m.restartAgent(m.ctx, g, machine)
	return nil
}

// ClusterMachines are the machines of one cluster.
type ClusterMachines struct {
	manager *Manager
	cluster string
}

// RunsK3s reports whether K3s runs on the machine of a node.
func (c *ClusterMachines) RunsK3s(node string) bool {
	m := c.manager
	if s := m.serverOf(c.cluster, node); s != nil {
		return s.runsK3s()
	}
	_, machine := m.agentOf(c.cluster, node)
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return machine != nil && machine.State == Ready
}

// restartAgent starts K3s on an agent that has joined before, and again until it starts. While it does not start, nothing keeps
// its Node.
func (m *Manager) restartAgent(ctx context.Context, g *group, machine *Machine) {
	for ctx.Err() == nil && m.has(g, machine) {
		if agent.CheckK3s(m.agentDir(g.Name, machine.Name)) != nil {
			m.markStopped(ctx, g, machine, true)
		}
		if m.startAgain(ctx, g, machine) {
			m.markStopped(ctx, g, machine, false)
			if err := m.update(g, func() {}); err != nil {
				m.logger.Warn("failed to save group", "group", g.Name, "err", err)
			}
			return
		}
	}
}

// startAgain starts K3s on an agent, and tries it until startTimeout.
func (m *Manager) startAgain(ctx context.Context, g *group, machine *Machine) bool {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	boot, err := userdata.Parse(g.Request.UserData)
	if err == nil {
		err = boot.Resolve(m.Parameters)
	}
	if err == nil && m.joinOne(ctx, g, machine, boot) {
		return true
	}
	if err != nil {
		m.logger.Warn("failed to start K3s", "machine", machine.Name, "err", err)
	}
	// A rejected machine is not worth a loop without a pause.
	<-ctx.Done()
	return false
}

// reportVersions writes the version of each agent of a cluster to its Node, which a restore has set to that of the snapshot. A
// kubelet does this all the time.
func (m *Manager) reportVersions(ctx context.Context, endpoint string) {
	versions := map[string]string{}
	m.mutex.Lock()
	for _, g := range m.groups {
		for _, machine := range g.Machines {
			if g.Server == endpoint && machine.State == Ready && machine.K3s != "" {
				versions[machine.Hostname] = machine.K3s
			}
		}
	}
	m.mutex.Unlock()
	for node, version := range versions {
		for ctx.Err() == nil {
			client := m.findClient(endpoint)
			if client == nil {
				return
			}
			err := agent.ReportVersion(ctx, client, node, version)
			if err == nil || apierrors.IsNotFound(err) {
				break
			}
			select {
			case <-ctx.Done():
			case <-time.After(joinRetryInterval):
			}
		}
	}
}

// resumeRestarts restarts the agents whose K3s was replaced and had not started when the lab ended.
func (m *Manager) resumeRestarts() {
	for _, g := range m.groups {
		for _, machine := range g.Machines {
			installed, err := agent.InstalledK3s(m.agentDir(g.Name, machine.Name))
			if err == nil && machine.K3s != "" && installed != machine.K3s {
				machine.State = Joining
				go m.restartAgent(m.ctx, g, machine)
			}
		}
	}
}

// markStopped marks the Node of an agent as one whose K3s does not run, or removes the mark. It retries until the cluster
// answers.
func (m *Manager) markStopped(ctx context.Context, g *group, machine *Machine, stopped bool) {
	var value any
	if stopped {
		value = "true"
	}
	body, _ := json.Marshal(map[string]any{"metadata": map[string]any{"labels": map[string]any{controlplane.StoppedLabel: value}}})
	for ctx.Err() == nil && m.has(g, machine) {
		if client := m.findClient(g.Server); client != nil {
			_, err := client.CoreV1().Nodes().Patch(ctx, machine.Hostname, types.MergePatchType, body, metav1.PatchOptions{FieldManager: "lab"})
			if err == nil || apierrors.IsNotFound(err) {
				return
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(joinRetryInterval):
		}
	}
}

// has reports whether a machine still belongs to its group.
func (m *Manager) has(g *group, machine *Machine) bool {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, each := range g.Machines {
		if each == machine {
			return m.groups[g.Name] == g
		}
	}
	return false
}

// serverOf returns the server of a cluster with a hostname, or nil.
func (m *Manager) serverOf(cluster, hostname string) *server {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	c := m.clusters[cluster]
	if c == nil {
		return nil
	}
	for _, s := range c.servers {
		if s.record().Request.Hostname == hostname {
			return s
		}
	}
	return nil
}

// agentOf returns the agent of a cluster with a hostname and its group, or nil.
func (m *Manager) agentOf(cluster, hostname string) (*group, *Machine) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	c := m.clusters[cluster]
	if c == nil {
		return nil, nil
	}
	for _, g := range m.groups {
		if g.Server != c.endpoint {
			continue
		}
		for _, machine := range g.Machines {
			if machine.Hostname == hostname {
				return g, machine
			}
		}
	}
	return nil, nil
}
