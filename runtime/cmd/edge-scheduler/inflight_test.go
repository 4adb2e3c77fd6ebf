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

func TestLimitsConcurrentRequests(t *testing.T) {
	const maxInflight = 20
	var inflight, most atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		now := inflight.Add(1)
		defer inflight.Add(-1)
		for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
		}
		time.Sleep(10 * time.Millisecond)
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"pod"}}`)
	}))
	defer server.Close()
	client, err := kubernetes.NewForConfig(withMaxInflight(&rest.Config{Host: server.URL, QPS: -1}, maxInflight))
	if err != nil {
		t.Fatal(err)
	}
	var failed atomic.Int64
	var wait sync.WaitGroup
	for range 5 * maxInflight {
		wait.Go(func() {
			if _, err := client.CoreV1().Pods("default").Get(context.Background(), "pod", metav1.GetOptions{}); err != nil {
				failed.Add(1)
			}
		})
	}
	wait.Wait()
	if failed.Load() > 0 || most.Load() != maxInflight {
		t.Errorf("%d requests failed; got at most %d in flight, want %d", failed.Load(), most.Load(), maxInflight)
	}
}

func TestCanceledRequestsDoNotWaitForASlot(t *testing.T) {
	full := &limitedTransport{http.DefaultTransport, make(chan struct{})}
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

func TestRejectsNegativeLimits(t *testing.T) {
	command := newCommand(nil, nil)
	command.SetArgs([]string{"--max-inflight-requests=-1"})
	command.SilenceUsage, command.SilenceErrors = true, true
	if err := command.Execute(); err == nil || !strings.Contains(err.Error(), "--max-inflight-requests: must be at least 0, got -1") {
		t.Errorf("got %v", err)
	}
}
