package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

func TestNoMoreRequestsThanTheAPIServerIsGivenAtOnce(t *testing.T) {
	const atOnce = 20
	var underWay, most atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		now := underWay.Add(1)
		defer underWay.Add(-1)
		for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
		}
		time.Sleep(10 * time.Millisecond)
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"pod"}}`)
	}))
	defer server.Close()
	client, err := kubernetes.NewForConfig(inTurns(&rest.Config{Host: server.URL, QPS: -1}, atOnce))
	if err != nil {
		t.Fatal(err)
	}
	var failed atomic.Int64
	var wait sync.WaitGroup
	for range 5 * atOnce {
		wait.Go(func() {
			if _, err := client.CoreV1().Pods("default").Get(context.Background(), "pod", metav1.GetOptions{}); err != nil {
				failed.Add(1)
			}
		})
	}
	wait.Wait()
	if failed.Load() > 0 || most.Load() != atOnce {
		t.Errorf("%d failed; at most %d were under way, not %d", failed.Load(), most.Load(), atOnce)
	}
}

func TestARequestThatIsCalledOffDoesNotWaitForItsTurn(t *testing.T) {
	full := &turnstile{http.DefaultTransport, make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := full.RoundTrip(request); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

func TestALimitBelowNoneIsRefused(t *testing.T) {
	command := newCommand(nil, nil)
	command.SetArgs([]string{"--requests-at-once=-1"})
	command.SilenceUsage, command.SilenceErrors = true, true
	if err := command.Execute(); err == nil || !strings.Contains(err.Error(), "--requests-at-once: got -1") {
		t.Errorf("got %v", err)
	}
}
