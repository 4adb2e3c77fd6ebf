package controlplane

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

// elect runs an election whose renewals fail while broken is set. It returns when the component has started.
func elect(t *testing.T, client *fake.Clientset, identity string, alone bool) (leads *atomic.Bool, result chan error, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	leads, result = &atomic.Bool{}, make(chan error, 1)
	e := election{
		lock:  newLeaseLock(client, "scheduler", identity),
		lease: 1500 * time.Millisecond, renew: 600 * time.Millisecond, retry: 100 * time.Millisecond,
		alone: func() bool { return alone },
	}
	go func() {
		result <- e.run(ctx, func(ctx context.Context) error {
			leads.Store(true)
			<-ctx.Done()
			leads.Store(false)
			return nil
		})
	}()
	return leads, result, cancel
}

func waitFor(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !condition(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(what)
		}
	}
}

func TestOneServerLeadsAndAnotherFollowsItsLoss(t *testing.T) {
	client := fake.NewClientset()
	first, _, stop := elect(t, client, "server-1", false)
	waitFor(t, "the first server does not lead", first.Load)
	second, _, _ := elect(t, client, "server-2", false)
	time.Sleep(time.Second)
	if second.Load() {
		t.Fatal("two servers lead")
	}
	stop()
	waitFor(t, "the second server does not lead", second.Load)
}

func TestAServerThatCannotRenewEndsUnlessItIsAlone(t *testing.T) {
	for name, alone := range map[string]bool{"several servers": false, "one server": true} {
		t.Run(name, func(t *testing.T) {
			client := fake.NewClientset()
			var broken atomic.Bool
			client.PrependReactor("update", "leases", func(clienttesting.Action) (bool, runtime.Object, error) {
				return broken.Load(), nil, errors.New("overloaded")
			})
			leads, result, _ := elect(t, client, "server-1", alone)
			waitFor(t, "the server does not lead", leads.Load)
			broken.Store(true)
			if !alone {
				if err := <-result; err == nil {
					t.Error("a server that lost the Lease must report it")
				}
				return
			}
			select {
			case err := <-result:
				t.Fatalf("the only server ended: %v", err)
			case <-time.After(2 * time.Second):
			}
			broken.Store(false)
			if !leads.Load() {
				t.Error("the only server stopped leading")
			}
		})
	}
}
