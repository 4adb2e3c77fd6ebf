// Package sitesync connects the state of a site with the cloud and with the agents of the site, over MQTT.
package sitesync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
	"github.com/skerry-dev/skerry/runtime/pkg/sitestate"
)

// Connection is one to a broker, which is made again when it ends.
type Connection struct {
	Connect func(context.Context) (*mqtt.BlockingClient, error)
	Logger  *slog.Logger

	mu      sync.Mutex
	problem error
}

// Problem returns why there is no connection now, or nil.
func (c *Connection) Problem() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.problem
}

func (c *Connection) setProblem(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.problem = err
}

const (
	connectTimeout = 15 * time.Second
	maxBackoff     = 30 * time.Second
	// pollInterval is how often the database is asked for changes, which other processes may have made.
	pollInterval = 500 * time.Millisecond
	// changesAtOnce limits what is read from the database at a time.
	changesAtOnce = 500
)

// run connects until the context ends, and lets a session use each connection.
func (c *Connection) run(ctx context.Context, filters []string, session func(context.Context, *mqtt.BlockingClient) error) {
	c.setProblem(errors.New("connecting"))
	for backoff := (mqtt.Backoff{Max: maxBackoff}); ; {
		started := time.Now()
		err := c.connect(ctx, filters, session)
		if ctx.Err() != nil {
			return
		}
		c.setProblem(err)
		if time.Since(started) > time.Minute {
			backoff.Reset()
		}
		wait := backoff.Next()
		c.Logger.Warn("disconnected", "error", err, "retryAfter", wait.Round(time.Millisecond).String())
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

func (c *Connection) connect(ctx context.Context, filters []string, session func(context.Context, *mqtt.BlockingClient) error) error {
	connecting, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	client, err := c.Connect(connecting)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.Subscribe(connecting, filters...); err != nil {
		return err
	}
	c.setProblem(nil)
	c.Logger.Info("connected")
	return session(ctx, client)
}

// Exchange exchanges the records of a database with the cloud, or at the hub with all sites.
type Exchange struct {
	Connection
	Database *sitestate.Database
	// CompareInterval is how often a site compares its records with the hub. Default: 1 minute.
	CompareInterval time.Duration

	// pushed is the last change that was sent.
	pushed int64
}

// Run exchanges records until the context ends.
func (e *Exchange) Run(ctx context.Context) error {
	if e.CompareInterval == 0 {
		e.CompareInterval = time.Minute
	}
	var err error
	// What changed before is found by comparing.
	if e.pushed, err = e.Database.LastChange(ctx); err != nil {
		return err
	}
	filters := []string{edgeevents.SyncDownTopic(e.Database.Site)}
	if e.isHub() {
		filters = []string{edgeevents.SyncUpFilter}
	}
	e.run(ctx, filters, e.session)
	return nil
}

func (e *Exchange) isHub() bool { return e.Database.Site == sitestate.Hub }

// forgetInterval is how often the hub forgets old tombstones.
const forgetInterval = time.Hour

func (e *Exchange) session(ctx context.Context, client *mqtt.BlockingClient) error {
	poll, forget := time.NewTicker(pollInterval), time.NewTicker(forgetInterval)
	defer poll.Stop()
	defer forget.Stop()
	if err := e.Database.Forget(ctx); err != nil {
		return err
	}
	compare := time.NewTimer(0)
	defer compare.Stop()
	for {
		var err error
		select {
		case message := <-client.Messages():
			if err = e.receive(ctx, client, message); err == nil {
				err = client.Acknowledge(message)
			}
		case <-poll.C:
			err = e.push(ctx, client)
		case <-compare.C:
			err = e.compare(ctx, client)
			compare.Reset(e.CompareInterval/2 + rand.N(e.CompareInterval))
		case <-forget.C:
			err = e.Database.Forget(ctx)
		case <-client.Done():
			return client.Err()
		case <-ctx.Done():
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// compare sends digests from a site to the hub.
func (e *Exchange) compare(ctx context.Context, client *mqtt.BlockingClient) error {
	if e.isHub() {
		return nil
	}
	digests, err := e.Database.Digests(ctx, sitestate.Hub)
	if err != nil {
		return err
	}
	return e.send(ctx, client, sitestate.Hub, digests)
}

// receive merges a message and sends the answers.
func (e *Exchange) receive(ctx context.Context, client *mqtt.BlockingClient, message mqtt.Message) error {
	peer := sitestate.Hub
	if e.isHub() {
		site, err := edgeevents.ParseSyncUpTopic(message.Topic)
		if err == nil && site == sitestate.Hub {
			err = fmt.Errorf("topic: site %q: is the name of the cloud", site)
		}
		if err != nil {
			e.Logger.Warn("a message is ignored", "error", err)
			return nil
		}
		peer = site
	}
	decoded, problems, err := sitestate.DecodeMessage(message.Payload)
	if err != nil {
		e.Logger.Warn("a message is ignored", "peer", peer, "error", err)
		return nil
	}
	for _, problem := range problems {
		e.Logger.Warn("a record is ignored", "peer", peer, "error", problem)
	}
	answers, err := e.Database.Handle(ctx, peer, decoded)
	if err != nil {
		return err
	}
	return e.send(ctx, client, peer, answers...)
}

// push sends what changed since the last time.
func (e *Exchange) push(ctx context.Context, client *mqtt.BlockingClient) error {
	for {
		changed, err := e.Database.Changes(ctx, e.pushed, changesAtOnce)
		if err != nil || len(changed) == 0 {
			return err
		}
		peers := []string{sitestate.Hub}
		if e.isHub() {
			if peers, err = e.Database.Sites(ctx); err != nil {
				return err
			}
		}
		for _, peer := range peers {
			if err := e.send(ctx, client, peer, e.Database.Push(peer, changed)...); err != nil {
				return err
			}
		}
		e.pushed = changed[len(changed)-1].Change
	}
}

func (e *Exchange) send(ctx context.Context, client *mqtt.BlockingClient, peer string, messages ...sitestate.Message) error {
	topic := edgeevents.SyncUpTopic(e.Database.Site)
	if e.isHub() {
		topic = edgeevents.SyncDownTopic(peer)
	}
	for _, each := range messages {
		payload, err := each.Encode()
		if err != nil {
			return err
		}
		if err := client.Send(ctx, mqtt.Outgoing{Topic: topic, Payload: payload, ContentType: "application/json"}); err != nil {
			return err
		}
	}
	return nil
}
