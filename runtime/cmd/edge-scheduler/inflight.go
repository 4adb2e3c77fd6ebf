package main

import (
	"context"
	"fmt"
	"net/http"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/events"
	schedulerconfig "k8s.io/kubernetes/cmd/kube-scheduler/app/config"
)

// defaultMaxInflight is the default of --max-inflight-requests. The scheduler binds each pod in a goroutine and sends each
// event in another. If it schedules pods faster than the API server binds them, thousands of requests wait in the API
// server until they time out. The API server still executes many of them, and the scheduler retries all. An API server
// handles 600 requests at once by default (--max-requests-inflight plus --max-mutating-requests-inflight of kube-apiserver,
// which priority and fairness adds up), so more than 300 bindings and 300 events would only queue there.
const defaultMaxInflight = 300

func validateMaxInflight(maxInflight int) []error {
	if maxInflight < 0 {
		return []error{fmt.Errorf("--max-inflight-requests: must be at least 0, got %d", maxInflight)}
	}
	return nil
}

// limitInflight limits the concurrent requests of the client that binds pods, and separately those of the client that sends
// events. The clients of informers and of the lease are not limited.
func limitInflight(ctx context.Context, config *schedulerconfig.Config, maxInflight int) error {
	client, err := kubernetes.NewForConfig(withMaxInflight(rest.AddUserAgent(config.KubeConfig, "scheduler"), maxInflight))
	if err != nil {
		return err
	}
	eventClient, err := kubernetes.NewForConfig(withMaxInflight(config.KubeConfig, maxInflight))
	if err != nil {
		return err
	}
	// The original broadcaster sends the events of the lease. Upstream starts only the broadcaster in the config.
	config.EventBroadcaster.StartRecordingToSink(ctx.Done())
	config.Client = client
	config.EventBroadcaster = events.NewEventBroadcasterAdapterWithContext(ctx, eventClient)
	return nil
}

// withMaxInflight returns a copy of a client configuration that limits the number of concurrent requests.
func withMaxInflight(config *rest.Config, maxInflight int) *rest.Config {
	config = rest.CopyConfig(config)
	slots := make(chan struct{}, maxInflight)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return &limitedTransport{next, slots} })
	return config
}

// limitedTransport limits the number of concurrent requests.
type limitedTransport struct {
	next  http.RoundTripper
	slots chan struct{}
}

// RoundTrip waits for a slot, or until the request is canceled.
func (t *limitedTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	select {
	case t.slots <- struct{}{}:
	case <-request.Context().Done():
		return nil, request.Context().Err()
	}
	defer func() { <-t.slots }()
	return t.next.RoundTrip(request)
}

// WrappedRoundTripper returns the underlying transport, so that client-go finds its TLS configuration.
func (t *limitedTransport) WrappedRoundTripper() http.RoundTripper { return t.next }
