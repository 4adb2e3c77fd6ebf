package machines

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/skerry-dev/skerry/runtime/internal/lab/agent"
	"github.com/skerry-dev/skerry/runtime/internal/lab/userdata"
)

const (
	// maxConcurrentJoins is the number of machines that join concurrently.
	maxConcurrentJoins = 24
	// joinTimeout is how long machines retry while none of them joins. K3s retries forever; a deployment must report failure.
	joinTimeout       = 45 * time.Second
	joinRetryInterval = 500 * time.Millisecond
)

// putAgents adds or removes machines to match the requested count, and joins those that have not joined yet.
func (m *Manager) putAgents(ctx context.Context, g *group, request Request, boot *userdata.Machine) error {
	if surplus := g.Machines[min(request.Count, len(g.Machines)):]; len(surplus) > 0 {
		if err := m.removeAgents(ctx, g, surplus); err != nil {
			return err
		}
	}
	var newNames []string
	for i := len(g.Machines); i < request.Count; i++ {
		newNames = append(newNames, machineName(fmt.Sprintf("%s-%02d", g.Name, i+1)))
	}
	addresses, err := m.store.allocate(machineOctet, newNames...)
	if err != nil {
		return err
	}
	err = m.update(g, func() {
		g.Request, g.Server = request, boot.Config.String("server", "")
		for _, address := range addresses {
			index := len(g.Machines)
			g.Machines = append(g.Machines, &Machine{
				Name: fmt.Sprintf("%s-%02d", g.Name, index+1), Hostname: hostname(request, index), Address: address, State: Booting,
			})
		}
	})
	if err != nil {
		return err
	}
	joinErr := m.join(ctx, g, boot)
	return errors.Join(joinErr, m.update(g, func() {}))
}

// join joins every machine of the group that has not joined yet. It gives up when none has joined for joinTimeout: the total
// time depends on the size of the group.
func (m *Manager) join(ctx context.Context, g *group, boot *userdata.Machine) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	timer := time.AfterFunc(joinTimeout, cancel)
	defer timer.Stop()
	var wait sync.WaitGroup
	slots := make(chan struct{}, maxConcurrentJoins)
	for _, machine := range g.Machines {
		if machine.State == Ready {
			continue
		}
		wait.Add(1)
		slots <- struct{}{}
		go func() {
			defer func() { <-slots; wait.Done() }()
			if m.joinOne(ctx, g, machine, boot) {
				timer.Reset(joinTimeout)
			}
		}()
	}
	wait.Wait()
	m.mutex.Lock()
	defer m.mutex.Unlock()
	failed := 0
	for _, machine := range g.Machines {
		if machine.State != Ready {
			failed++
		}
	}
	if failed > 0 {
		return Error{http.StatusUnprocessableEntity, fmt.Sprintf("%d of %d machines of group %s did not join", failed, len(g.Machines), g.Name)}
	}
	return nil
}

// joinOne starts K3s on an agent, which joins its cluster. It reports whether it has joined.
func (m *Manager) joinOne(ctx context.Context, g *group, machine *Machine, boot *userdata.Machine) (joined bool) {
	setState := func(state State, message string) {
		m.mutex.Lock()
		defer m.mutex.Unlock()
		machine.State, machine.Message = state, message
	}
	setState(Joining, "")
	candidate := agent.Machine{
		Hostname: machine.Hostname, Address: machine.Address, Hardware: g.Request.Machine, Config: boot.Config,
		Root: m.agentDir(g.Name, machine.Name),
	}
	for {
		var err error
		if candidate.K3s, err = agent.InstallRelease(candidate.Root, boot.Document); err == nil {
			err = agent.CheckK3s(candidate.Root)
		}
		if err == nil {
			err = candidate.Join(ctx)
		}
		var rejection agent.RejectedError
		switch {
		case err == nil:
			setState(Ready, "")
			m.mutex.Lock()
			machine.K3s = candidate.K3s
			m.mutex.Unlock()
			return true
		case errors.As(err, &rejection):
			setState(Refused, rejection.Error())
			m.logger.Warn("machine was rejected", "machine", machine.Name, "err", rejection)
			return false
		}
		select {
		case <-ctx.Done():
			setState(Unreachable, err.Error())
			return false
		case <-time.After(joinRetryInterval):
		}
	}
}

// removeAgents removes machines from their group, and deletes their nodes if the cluster still runs.
func (m *Manager) removeAgents(ctx context.Context, g *group, removed []*Machine) error {
	if client := m.findClient(g.Server); client != nil {
		for _, machine := range removed {
			err := client.CoreV1().Nodes().Delete(ctx, machine.Hostname, metav1.DeleteOptions{})
			if err != nil && !apierrors.IsNotFound(err) {
				return fmt.Errorf("deleting node %s: %w", machine.Hostname, err)
			}
		}
	}
	names := make([]string, len(removed))
	for i, machine := range removed {
		names[i] = machineName(machine.Name)
		if err := os.RemoveAll(m.agentDir(g.Name, machine.Name)); err != nil {
			return err
		}
	}
	if err := m.store.release(names...); err != nil {
		return err
	}
	return m.update(g, func() { g.Machines = g.Machines[:len(g.Machines)-len(removed)] })
}

// findClient returns a client of the cluster with an API endpoint, or nil if it has no servers.
func (m *Manager) findClient(url string) kubernetes.Interface {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, c := range m.clusters {
		if c.endpoint == url && len(c.servers) > 0 {
			return c.client()
		}
	}
	return nil
}
