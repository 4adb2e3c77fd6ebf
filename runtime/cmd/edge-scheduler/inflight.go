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

// requestsAtOnce is how many requests of a kind may wait for the API server, unless a flag says otherwise. Each placed pod
// is bound by a goroutine of its own, and told of by another; who places pods faster than the API server binds them would
// have thousands wait there, until it gives them up though it carries them out, and all come again. An API server handles
// 600 requests at once by default (--max-requests-inflight and --max-mutating-requests-inflight of kube-apiserver, which
// priority and fairness add up): half of them bindings, half events, is all that could be of use.
const requestsAtOnce = 300

// validateAtOnce has the problem of a limit that is none.
func validateAtOnce(atOnce int) []error {
	if atOnce < 0 {
		return []error{fmt.Errorf("--requests-at-once: got %d; allowed are 0, for no limit, and more", atOnce)}
	}
	return nil
}

// bound lets no more than so many bindings, and as many events, wait for the API server; the others wait here.
// Informers and the lease keep the clients they have.
func bound(ctx context.Context, config *schedulerconfig.Config, atOnce int) error {
	client, err := kubernetes.NewForConfig(inTurns(rest.AddUserAgent(config.KubeConfig, "scheduler"), atOnce))
	if err != nil {
		return err
	}
	eventClient, err := kubernetes.NewForConfig(inTurns(config.KubeConfig, atOnce))
	if err != nil {
		return err
	}
	// The one that is replaced tells of the lease, and nobody else would start it.
	config.EventBroadcaster.StartRecordingToSink(ctx.Done())
	config.Client = client
	config.EventBroadcaster = events.NewEventBroadcasterAdapterWithContext(ctx, eventClient)
	return nil
}

// inTurns is a client's configuration with at most so many requests under way.
func inTurns(config *rest.Config, atOnce int) *rest.Config {
	config = rest.CopyConfig(config)
	turns := make(chan struct{}, atOnce)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return &turnstile{next, turns} })
	return config
}

// turnstile is a transport with a place for each request under way.
type turnstile struct {
	next   http.RoundTripper
	places chan struct{}
}

// RoundTrip waits for a place; a request that is called off meanwhile gives up.
func (t *turnstile) RoundTrip(request *http.Request) (*http.Response, error) {
	select {
	case t.places <- struct{}{}:
	case <-request.Context().Done():
		return nil, request.Context().Err()
	}
	defer func() { <-t.places }()
	return t.next.RoundTrip(request)
}

// WrappedRoundTripper is the transport behind it, for those who look for its certificates.
func (t *turnstile) WrappedRoundTripper() http.RoundTripper { return t.next }
