package sitesync

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
	"github.com/skerry-dev/skerry/runtime/pkg/sitestate"
)

// Keys of the desired and the reported state of a node, in the scope of its site.
const (
	desiredPrefix  = "agents/"
	reportedPrefix = "reported/"
)

// Agents passes desired state to the agents of a site, and stores what they report. The value of agents/<node> is
// published, retained, as it is. An empty message tells that there is none.
type Agents struct {
	Connection
	Database *sitestate.Database

	// published is the last change that was published.
	published int64
}

// Run passes state on until the context ends.
func (a *Agents) Run(ctx context.Context) error {
	a.run(ctx, []string{edgeevents.ReportedFilter}, a.session)
	return nil
}

func (a *Agents) session(ctx context.Context, client *mqtt.BlockingClient) error {
	// The broker may have lost everything, so all changes count, with deletions.
	a.published = 0
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	for {
		if err := a.publish(ctx, client); err != nil {
			return err
		}
		select {
		case message := <-client.Messages():
			if err := a.store(ctx, message); err != nil {
				return err
			}
			if err := client.Acknowledge(message); err != nil {
				return err
			}
		case <-poll.C:
		case <-client.Done():
			return client.Err()
		case <-ctx.Done():
			return nil
		}
	}
}

// publish publishes the desired states that changed.
func (a *Agents) publish(ctx context.Context, client *mqtt.BlockingClient) error {
	for {
		changed, err := a.Database.Changes(ctx, a.published, changesAtOnce)
		if err != nil || len(changed) == 0 {
			return err
		}
		for _, each := range changed {
			node, isDesired := strings.CutPrefix(each.Key, desiredPrefix)
			if !isDesired || each.Scope != a.Database.Site {
				continue
			}
			if err := outbox.CheckNode(node); err != nil {
				a.Logger.Warn("a desired state is for no node", "key", each.Key)
				continue
			}
			if err := client.Send(ctx, mqtt.Outgoing{Topic: edgeevents.ConfigTopic(node), Payload: each.Value, Retain: true, ContentType: "application/json"}); err != nil {
				return err
			}
		}
		a.published = changed[len(changed)-1].Change
	}
}

// store stores a reported state unless it is known.
func (a *Agents) store(ctx context.Context, message mqtt.Message) error {
	node, err := edgeevents.ParseReportedTopic(message.Topic)
	if err != nil || len(message.Payload) == 0 {
		return nil
	}
	if message.Truncated || !json.Valid(message.Payload) {
		a.Logger.Warn("a reported state is not JSON, or is too large", "node", node)
		return nil
	}
	name := sitestate.Name{Scope: a.Database.Site, Key: reportedPrefix + node}
	stored, err := a.Database.Get(ctx, name)
	if err != nil && !errors.Is(err, sitestate.ErrNotFound) {
		return err
	}
	if compact, err := sitestate.CompactJSON(message.Payload); err == nil && bytes.Equal(stored.Value, compact) {
		return nil
	}
	if _, err := a.Database.Set(ctx, name, message.Payload, stored.Schema); err != nil {
		// The value is refused, not the database broken: a broken one fails at Get.
		a.Logger.Warn("a reported state is not stored", "node", node, "error", err)
	}
	return nil
}
