package uplink

import (
	"context"
	"errors"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
)

const (
	// checkInterval is how often overdue messages and new losses are looked for.
	checkInterval = time.Second
	// connectTimeout limits connecting, introducing and subscribing.
	connectTimeout = 30 * time.Second
)

var errUnconfirmed = errors.New("the broker confirms no message")

// session connects and sends until the connection ends.
func (u *Uplink) session(ctx context.Context) error {
	connecting, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	client, err := u.Connect(connecting, mqtt.Options{
		SessionExpiry: sessionExpiry, OnPublish: u.receive, OnAcknowledged: u.confirm,
	})
	if err != nil {
		return err
	}
	defer client.Close()
	// A write to a dead link would wait for its timeout.
	defer context.AfterFunc(ctx, client.Close)()
	if err := u.subscribe(connecting, client); err != nil {
		return err
	}
	cancel()
	// What is not recorded yet would be sent again.
	u.record()
	u.mu.Lock()
	u.unconfirmed = map[uint16]unconfirmed{}
	u.confirmedAt = time.Now()
	for _, s := range u.streams {
		s.refused = false
		s.pausedUntil = time.Time{}
		s.restart()
	}
	u.mu.Unlock()
	u.counts.connected.Store(true)
	u.Logger.Info("connected to the broker", "address", client.RemoteAddr())
	return u.send(ctx, client)
}

// subscribe asks for acknowledgements and for the desired state. Without acknowledgements there is no point in sending.
func (u *Uplink) subscribe(ctx context.Context, client *mqtt.Client) error {
	filters := []string{}
	for _, s := range u.streams {
		filters = append(filters, edgeevents.AckTopic(u.Node, s.name))
	}
	if u.OnConfig != nil {
		filters = append(filters, edgeevents.ConfigTopic(u.Node))
	}
	refused, err := client.Subscribe(ctx, filters...)
	if err != nil {
		return err
	}
	if err := errors.Join(refused[:len(u.streams)]...); err != nil {
		return err
	}
	if u.OnConfig != nil && refused[len(u.streams)] != nil {
		u.Logger.Error("the desired state cannot be received", "err", refused[len(u.streams)].Error())
	}
	return nil
}

// send sends until the connection or the context ends.
func (u *Uplink) send(ctx context.Context, client *mqtt.Client) error {
	ticker := time.NewTicker(checkInterval)
	defer ticker.Stop()
	share := newShare(u.delivery.BacklogPercent)
	reports := newReports(u)
	if err := reports.publish(client, true); err != nil {
		return err
	}
	for {
		sent, err := u.sendNext(client, share)
		if err != nil {
			return err
		}
		if sent && ctx.Err() == nil {
			select {
			case <-ticker.C:
			default:
				continue
			}
		} else {
			if err := client.Flush(); err != nil {
				return err
			}
			select {
			case <-u.wake:
				continue
			case <-u.Changed:
			case <-ticker.C:
			case <-client.Done():
				return client.Err()
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err := u.check(client); err != nil {
			return err
		}
		if err := reports.publish(client, false); err != nil {
			return err
		}
	}
}

// check queues the messages whose acknowledgement is overdue.
func (u *Uplink) check(client *mqtt.Client) error {
	now := time.Now()
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.unconfirmed) == 0 {
		u.confirmedAt = now
	}
	if now.Sub(u.confirmedAt) > u.delivery.ResendAfter {
		return errUnconfirmed
	}
	for _, s := range u.streams {
		for lane, sequences := range s.window.overdue(now) {
			s.overdue[lane] = append(s.overdue[lane], sequences...)
		}
		if s.refused {
			s.refused = false
			s.restart()
			wait := s.pause.Next()
			s.pausedUntil = now.Add(wait)
			u.Logger.Error("the broker refuses the messages of a class; retrying", "class", s.name, "retryIn", wait.Round(time.Millisecond).String())
		}
	}
	return nil
}
