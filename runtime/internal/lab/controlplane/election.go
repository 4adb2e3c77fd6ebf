package controlplane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// election is a leader election among the servers of a cluster.
type election struct {
	lock *resourcelock.LeaseLock
	// lease is how long a Lease is valid, renew how long its holder tries to renew it, and retry the interval of both.
	lease, renew, retry time.Duration
	// alone reports whether the cluster has no other server.
	alone func() bool
}

// elected runs a component on one server of the cluster at a time: on the holder of the Lease with its name, with the defaults
// of Kubernetes. The identity of a server is its hostname, so a restarted server continues without waiting until its own Lease
// has expired.
func (s *server) elected(name, kubeconfig string, run func(context.Context) error) component {
	return component{name, func(ctx context.Context) error {
		const renew = 10 * time.Second
		config, err := clientcmd.BuildConfigFromFlags("", s.path(kubeconfig))
		if err != nil {
			return err
		}
		config.Timeout = renew / 2
		client, err := kubernetes.NewForConfig(config)
		if err != nil {
			return err
		}
		return election{
			lock:  newLeaseLock(client, name, s.Hostname),
			lease: 15 * time.Second, renew: renew, retry: 2 * time.Second,
			alone: func() bool { return len(s.etcd.Server.Cluster().Members()) == 1 },
		}.run(ctx, run)
	}}
}

func newLeaseLock(client kubernetes.Interface, name, identity string) *resourcelock.LeaseLock {
	return &resourcelock.LeaseLock{
		LeaseMeta: metav1.ObjectMeta{Name: name, Namespace: metav1.NamespaceSystem}, Client: client.CoordinationV1(),
		LockConfig: resourcelock.ResourceLockConfig{Identity: identity},
	}
}

// run runs a component while this server is the leader. A server that cannot renew the Lease ends, as K3s does, unless it is
// alone: no other server can take the Lease, and a restart would only add to the load that delayed the renewal.
func (e election) run(ctx context.Context, run func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	identity := e.lock.Identity()
	ended := make(chan error, 1)
	var started sync.Once
	for {
		electing, stop := context.WithCancel(ctx)
		elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
			Lock: e.lock, LeaseDuration: e.lease, RenewDeadline: e.renew, RetryPeriod: e.retry,
			Callbacks: leaderelection.LeaderCallbacks{
				OnStartedLeading: func(context.Context) {
					started.Do(func() {
						ended <- run(ctx)
						cancel()
					})
				},
				OnStoppedLeading: func() {},
			},
		})
		if err != nil {
			stop()
			return err
		}
		elector.Run(electing)
		stop()
		select {
		case err := <-ended:
			return err
		default:
		}
		if ctx.Err() != nil {
			return nil
		}
		if leader := elector.GetLeader(); !e.alone() || leader != "" && leader != identity {
			return fmt.Errorf("lost Lease %s", e.lock.LeaseMeta.Name)
		}
	}
}

// nodesLock is a file in the cluster's directory. The server that has locked it simulates the agents' nodes.
const nodesLock = "nodes.lock"

// simulating runs a component on one server of the cluster at a time. It stands for machines other than the servers, so the
// loss of a server must not delay it: the kernel passes the lock to another server when the process of its holder ends.
func (s *server) simulating(name string, run func(context.Context) error) component {
	return component{name, func(ctx context.Context) error {
		file, err := os.OpenFile(filepath.Join(s.ClusterDir, nodesLock), os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return err
		}
		defer file.Close()
		for {
			err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
			if err == nil {
				return run(ctx)
			}
			if !errors.Is(err, syscall.EWOULDBLOCK) {
				return fmt.Errorf("%s: %w", file.Name(), err)
			}
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(500 * time.Millisecond):
			}
		}
	}}
}
