// Package edgeagent reads sensors, relays the messages of local devices, and sends both to the cloud. Messages are on disk
// before they are acknowledged to anyone, and stay there until the cloud has acknowledged them.
package edgeagent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"reflect"
	"sync"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/config"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/relay"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/sensors"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/uplink"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// Agent runs what its configuration says. Its methods may be called from several goroutines.
type Agent struct {
	Logger *slog.Logger
	// OnConfig is called with each desired state that arrives. Reported returns the state to report; Changed tells of
	// changes.
	OnConfig func(document []byte)
	Reported func() []byte
	Changed  func() <-chan struct{}
	// Now is the wall clock, which dates messages. Default: time.Now. Nothing else depends on it.
	Now func() time.Time

	uplinkCounts uplink.Counts
	relayCounts  relay.Counts

	// applying serializes changes of the configuration.
	applying sync.Mutex
	config   *config.Config
	parts    map[string]*part

	mu      sync.Mutex
	box     *outbox.Outbox
	options outbox.Options
	sensors *sensors.Group
}

// part is something that runs for a part of the configuration.
type part struct {
	// settings are what it depends on.
	settings any
	stop     func()
}

// Apply puts a configuration into force. Parts whose settings are the same continue to run. If it fails, the earlier
// configuration is in force.
func (a *Agent) Apply(next config.Config) error {
	a.applying.Lock()
	defer a.applying.Unlock()
	previous := a.config
	err := a.apply(next)
	if err == nil {
		a.config = &next
		return nil
	}
	if previous == nil {
		a.close()
	} else if restored := a.apply(*previous); restored != nil {
		a.Logger.Error("the earlier configuration cannot be restored completely", "err", restored.Error())
	}
	return err
}

// Close ends everything. What was promised holds without it, too.
func (a *Agent) Close() {
	a.applying.Lock()
	defer a.applying.Unlock()
	a.close()
	a.config = nil
}

func (a *Agent) apply(next config.Config) error {
	if err := a.openOutbox(next.Outbox()); err != nil {
		return err
	}
	start := map[string]func() (func(context.Context), error){
		"sensors": func() (func(context.Context), error) { return a.runSensors(next), nil },
	}
	settings := map[string]any{"sensors": next.Sensors}
	if next.Uplink != nil {
		settings["uplink"] = []any{*next.Uplink, next.Delivery}
		start["uplink"] = func() (func(context.Context), error) { return a.runUplink(next), nil }
	}
	if next.Relay.Listen != nil {
		settings["listener"] = []any{*next.Relay.Listen, next.Routes}
		start["listener"] = func() (func(context.Context), error) { return a.runListener(next) }
	}
	if next.Relay.Broker != nil {
		settings["subscriber"] = []any{*next.Relay.Broker, next.Routes}
		start["subscriber"] = func() (func(context.Context), error) { return a.runSubscriber(next), nil }
	}
	var problems []error
	for _, name := range []string{"listener", "subscriber", "sensors", "uplink"} {
		if running := a.parts[name]; running != nil {
			if reflect.DeepEqual(running.settings, settings[name]) {
				continue
			}
			running.stop()
			delete(a.parts, name)
		}
		if start[name] == nil {
			continue
		}
		run, err := start[name]()
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", name, err))
			continue
		}
		a.parts[name] = &part{settings: settings[name], stop: begin(run)}
	}
	return errors.Join(problems...)
}

// begin runs something, and returns what stops it and waits.
func begin(run func(context.Context)) func() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

// openOutbox opens the outbox unless it is open with the same options. All parts end before, because they use it.
func (a *Agent) openOutbox(options outbox.Options) error {
	if a.box != nil && reflect.DeepEqual(options, a.options) {
		return nil
	}
	a.close()
	if err := os.MkdirAll(options.Dir, 0o700); err != nil {
		return err
	}
	box, err := outbox.Open(options)
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.box, a.options = box, options
	a.mu.Unlock()
	a.parts = map[string]*part{}
	return nil
}

func (a *Agent) close() {
	for _, each := range a.parts {
		each.stop()
	}
	a.parts = nil
	a.mu.Lock()
	box := a.box
	a.box, a.sensors = nil, nil
	a.mu.Unlock()
	if box != nil {
		if err := box.Close(); err != nil {
			a.Logger.Error("failed to close the outbox", "err", err.Error())
		}
	}
}

func (a *Agent) runSensors(next config.Config) func(context.Context) {
	box := a.box
	group := sensors.New(next.Sensors, func(ctx context.Context, sensor config.Sensor, value float64, at time.Time) error {
		body, err := encodeReading(sensor, value, at)
		if err != nil {
			return err
		}
		_, err = box.Queue(sensor.Class).Append(ctx, body)
		return err
	}, a.Now, a.Logger)
	a.mu.Lock()
	a.sensors = group
	a.mu.Unlock()
	return group.Run
}

func (a *Agent) runUplink(next config.Config) func(context.Context) {
	var queues []*outbox.Queue
	for _, each := range next.Classes {
		queues = append(queues, a.box.Queue(each.Name))
	}
	up := uplink.New(queues, uplink.Delivery{
		BacklogPercent: next.Delivery.BacklogPercent,
		WindowMessages: next.Delivery.WindowMessages, WindowBytes: int(next.Delivery.WindowBytes),
		ResendAfter: next.Delivery.ResendAfter.Std(), MaxResendAfter: next.Delivery.MaxResendAfter.Std(),
	}, &a.uplinkCounts)
	up.Node, up.Logger, up.MaxBackoff = next.Node, a.Logger.With("part", "uplink"), next.Uplink.MaxBackoff.Std()
	up.Connect = connector(*next.Uplink)
	up.OnConfig, up.Reported, up.Changed = a.OnConfig, a.Reported, a.Changed()
	return up.Run
}

func (a *Agent) keeper(next config.Config) *relay.Keeper {
	keeper := &relay.Keeper{Queue: a.box.Queue, Now: a.Now}
	for _, each := range next.Routes {
		keeper.Routes = append(keeper.Routes, relay.Route{Filter: each.Filter, Class: each.Class})
	}
	return keeper
}

func (a *Agent) runListener(next config.Config) (func(context.Context), error) {
	settings := next.Relay.Listen
	tcp, err := net.Listen("tcp", settings.Address)
	if err != nil {
		return nil, err
	}
	listener := &relay.Listener{
		Keeper: a.keeper(next), MaxConnections: settings.MaxConnections, Logger: a.Logger.With("part", "listener"), Counts: &a.relayCounts,
		Credentials: relay.Credentials{
			Certificate: settings.TLS.Certificate, Key: settings.TLS.Key, ClientCA: settings.TLS.ClientCA, PasswordFile: settings.PasswordFile,
		},
	}
	for _, each := range next.Classes {
		listener.MaxMessageBytes = max(listener.MaxMessageBytes, int(each.MaxMessageBytes))
	}
	return func(ctx context.Context) { listener.Serve(ctx, tcp) }, nil
}

func (a *Agent) runSubscriber(next config.Config) func(context.Context) {
	subscriber := &relay.Subscriber{
		Keeper: a.keeper(next), Connect: connector(*next.Relay.Broker), MaxBackoff: next.Relay.Broker.MaxBackoff.Std(),
		Logger: a.Logger.With("part", "subscriber"), Counts: &a.relayCounts,
	}
	return subscriber.Run
}

// encodeReading returns the event of a reading.
func encodeReading(sensor config.Sensor, value float64, at time.Time) ([]byte, error) {
	data, err := json.Marshal(edgeevents.Reading{Value: value, Unit: sensor.Unit})
	if err != nil {
		return nil, err
	}
	return edgeevents.Event{Type: edgeevents.TypeReading, Subject: sensor.Name, Time: at, Data: data}.Encode()
}
