package machines

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/skerry-dev/skerry/runtime/internal/lab/agent"
	"github.com/skerry-dev/skerry/runtime/internal/lab/userdata"
)

const (
	// How many machines join side by side.
	joiners = 24
	// How long agents go on asking a server that takes none of them. K3s asks for ever; a deployment wants to know.
	joinPatience = 45 * time.Second
	joinPause    = 500 * time.Millisecond
)

// putAgents adds and removes machines until there are as many as asked for, and lets those join that have not.
func (m *Manager) putAgents(ctx context.Context, g *group, request Request, config userdata.Config) error {
	if surplus := g.Machines[min(request.Count, len(g.Machines)):]; len(surplus) > 0 {
		if err := m.removeAgents(ctx, g, surplus); err != nil {
			return err
		}
	}
	var fresh []string
	for i := len(g.Machines); i < request.Count; i++ {
		fresh = append(fresh, machineName(fmt.Sprintf("%s-%02d", g.Name, i+1)))
	}
	addresses, err := m.store.take(machineOctet, fresh...)
	if err != nil {
		return err
	}
	err = m.record(g, func() {
		g.Request, g.Server = request, config.String("server", "")
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
	problem := m.join(ctx, g, config)
	return errors.Join(problem, m.record(g, func() {}))
}

// join lets every machine of the group join that has not yet. It gives up when none has for a while: how long all of
// them take depends on how many there are.
func (m *Manager) join(ctx context.Context, g *group, config userdata.Config) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	patience := time.AfterFunc(joinPatience, cancel)
	defer patience.Stop()
	var wait sync.WaitGroup
	slots := make(chan struct{}, joiners)
	for _, machine := range g.Machines {
		if machine.State == Ready {
			continue
		}
		wait.Add(1)
		slots <- struct{}{}
		go func() {
			defer func() { <-slots; wait.Done() }()
			if m.joinOne(ctx, g, machine, config) {
				patience.Reset(joinPatience)
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
		return Problem{422, fmt.Sprintf("%d of %d machines of %s did not join", failed, len(g.Machines), g.Name)}
	}
	return nil
}

func (m *Manager) joinOne(ctx context.Context, g *group, machine *Machine, config userdata.Config) (joined bool) {
	state := func(state State, message string) {
		m.mutex.Lock()
		defer m.mutex.Unlock()
		machine.State, machine.Message = state, message
	}
	state(Joining, "")
	joining := agent.Machine{Hostname: machine.Hostname, Address: machine.Address, Hardware: g.Request.Machine, Config: config}
	for {
		err := joining.Join(ctx)
		var refused agent.Refused
		switch {
		case err == nil:
			state(Ready, "")
			return true
		case errors.As(err, &refused):
			state(Refused, refused.Error())
			m.logger.Warn("machine refused", "machine", machine.Name, "reason", refused.Error())
			return false
		}
		select {
		case <-ctx.Done():
			state(Unreachable, err.Error())
			return false
		case <-time.After(joinPause):
		}
	}
}

// removeAgents takes machines out of their group, and their nodes out of the cluster if that still runs.
func (m *Manager) removeAgents(ctx context.Context, g *group, leaving []*Machine) error {
	if client := m.clientFor(g.Server); client != nil {
		for _, machine := range leaving {
			err := client.CoreV1().Nodes().Delete(ctx, machine.Hostname, metav1.DeleteOptions{})
			if err != nil && !apierrors.IsNotFound(err) {
				return fmt.Errorf("node %s: %w", machine.Hostname, err)
			}
		}
	}
	names := make([]string, len(leaving))
	for i, machine := range leaving {
		names[i] = machineName(machine.Name)
	}
	if err := m.store.give(names...); err != nil {
		return err
	}
	return m.record(g, func() { g.Machines = g.Machines[:len(g.Machines)-len(leaving)] })
}

// clientFor finds the cluster that answers at a URL.
func (m *Manager) clientFor(url string) kubernetes.Interface {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, s := range m.servers {
		if s.endpoint == url {
			return s.client()
		}
	}
	return nil
}
