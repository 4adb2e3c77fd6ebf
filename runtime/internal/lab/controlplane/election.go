package controlplane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// Kubernetes' defaults.
const (
	leaderLease       = 15 * time.Second
	leaderRenew       = 10 * time.Second
	leaderRetryPeriod = 2 * time.Second
)

// elected runs a component on one server of the cluster at a time: on the holder of the Lease with its name. A server that
// cannot renew the Lease ends, as K3s does.
//
// The identity of a server is its hostname, so a restarted server continues without waiting until its own Lease has expired.
func (s *server) elected(name, kubeconfig string, run func(context.Context) error) component {
	return component{name, func(ctx context.Context) error {
		config, err := clientcmd.BuildConfigFromFlags("", s.path(kubeconfig))
		if err != nil {
			return err
		}
		config.Timeout = leaderRenew / 2
		client, err := kubernetes.NewForConfig(config)
		if err != nil {
			return err
		}
		electing, cancel := context.WithCancel(ctx)
		defer cancel()
		ended := make(chan error, 1)
		elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
			Name: name,
			Lock: &resourcelock.LeaseLock{
				LeaseMeta: metav1.ObjectMeta{Name: name, Namespace: metav1.NamespaceSystem}, Client: client.CoordinationV1(),
				LockConfig: resourcelock.ResourceLockConfig{Identity: s.Hostname},
			},
			LeaseDuration: leaderLease, RenewDeadline: leaderRenew, RetryPeriod: leaderRetryPeriod,
			Callbacks: leaderelection.LeaderCallbacks{
				OnStartedLeading: func(ctx context.Context) {
					ended <- run(ctx)
					cancel()
				},
				OnStoppedLeading: func() {},
			},
		})
		if err != nil {
			return err
		}
		elector.Run(electing)
		select {
		case err := <-ended:
			return err
		default:
		}
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("lost Lease %s", name)
	}}
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
