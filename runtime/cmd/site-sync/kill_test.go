package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/brokertest"
	"github.com/skerry-dev/skerry/runtime/internal/programtest"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
	"github.com/skerry-dev/skerry/runtime/pkg/sitestate"
)

// TestSitesConvergeAfterKills writes at the cloud and at two sites while processes and the broker are killed at random
// moments, also while they start. In the end all have the same records, and each has the greatest stamp of all writes.
func TestSitesConvergeAfterKills(t *testing.T) {
	brokertest.ForEach(t, func(t *testing.T, b brokertest.Broker) {
		random := programtest.RandomOf(t)
		places := []*place{newPlace(t, sitestate.Hub, "--broker", b.URL()), newPlace(t, "osaka", "--broker", b.URL()), newPlace(t, "sydney", "--broker", b.URL())}
		for _, p := range places {
			p.Start()
			p.AwaitReady()
		}
		written := map[string]sitestate.Record{}
		writes := 0
		for range programtest.Rounds() {
			for range random.IntN(4) {
				p := places[random.IntN(len(places))]
				database, err := sitestate.Open(t.Context(), sitestate.Options{Path: p.database})
				if err != nil {
					t.Fatal(err)
				}
				key := fmt.Sprintf("key-%d", random.IntN(5))
				record, err := database.Set(t.Context(), sitestate.Name{Scope: sitestate.Shared, Key: key}, json.RawMessage(value(writes)), 0)
				if err != nil {
					t.Fatal(err)
				}
				if err := database.Close(); err != nil {
					t.Fatal(err)
				}
				if before, found := written[key]; !found || record.Version().Compare(before.Version()) > 0 {
					written[key] = record
				}
				writes++
			}
			if victim := random.IntN(len(places) + 1); victim < len(places) {
				places[victim].Kill()
				time.Sleep(time.Duration(random.IntN(50)) * time.Millisecond)
				places[victim].Start()
			} else {
				b.Kill()
				b.Run(t)
			}
			time.Sleep(time.Duration(random.IntN(200)) * time.Millisecond)
		}
		programtest.Await(t, "all have the same records", func() bool {
			records := places[0].records(t)
			return records == places[1].records(t) && records == places[2].records(t)
		})
		var records []sitestate.Record
		if err := json.Unmarshal([]byte(places[0].records(t)), &records); err != nil {
			t.Fatal(err)
		}
		if len(records) != len(written) {
			t.Fatalf("%d records, %d were written", len(records), len(written))
		}
		for _, each := range records {
			if want := written[each.Key]; each.Version() != want.Version() {
				t.Errorf("%s is %s@%s/%s, the winner is %s@%s/%s", each.Key, each.Value, each.Stamp, each.Origin, want.Value, want.Stamp, want.Origin)
			}
		}
		t.Logf("%d writes", writes)
		for _, p := range places {
			p.AwaitReady()
			p.Terminate()
		}
	})
}

// TestDesiredStateReachesAgents passes desired state from the cloud to an agent, and what it reports back. The brokers lose
// their memory in between.
func TestDesiredStateReachesAgents(t *testing.T) {
	brokertest.ForEach(t, func(t *testing.T, cloudBroker brokertest.Broker) {
		siteBroker := brokertest.StartMochi(t)
		cloud := newPlace(t, sitestate.Hub, "--broker", cloudBroker.URL())
		site := newPlace(t, "osaka", "--broker", cloudBroker.URL(), "--site-broker", siteBroker.URL(), "--site-client-id", "sync")
		for _, p := range []*place{cloud, site} {
			p.Start()
			p.AwaitReady()
		}
		agent := &fakeAgent{t: t, broker: siteBroker}
		mustCall(t, "set", "--database", cloud.database, "--scope", "osaka", "agents/gateway-1", value(1))
		agent.await(value(1))
		agent.report(`{"version": "1", "text": "<ok>"}`)
		programtest.Await(t, "the report is in the cloud", func() bool {
			got, err := call(t, "get", "--database", cloud.database, "--scope", "osaka", "reported/gateway-1")
			return err == nil && strings.Contains(got, `"version": "1"`)
		})
		// What is reported again changes nothing.
		before := mustCall(t, "get", "--database", cloud.database, "--scope", "osaka", "--record", "reported/gateway-1")
		agent.report(`{"version": "1", "text": "<ok>"}`)

		cloudBroker.Kill()
		siteBroker.Kill()
		siteBroker.Run(t)
		// Without the cloud, the site decides.
		mustCall(t, "set", "--database", site.database, "agents/gateway-1", value(2))
		agent.await(value(2))
		cloudBroker.Run(t)
		programtest.Await(t, "the change is in the cloud", func() bool {
			got, err := call(t, "get", "--database", cloud.database, "--scope", "osaka", "agents/gateway-1")
			return err == nil && strings.Contains(got, `"version": "2"`)
		})
		if after := mustCall(t, "get", "--database", cloud.database, "--scope", "osaka", "--record", "reported/gateway-1"); after != before {
			t.Errorf("a report that was repeated changed the record: %s, before %s", after, before)
		}
		mustCall(t, "delete", "--database", cloud.database, "--scope", "osaka", "agents/gateway-1")
		agent.await("")
		if status, body := site.Get("/state/osaka/reported/gateway-1"); status != http.StatusOK || !strings.Contains(body, `"origin":"osaka"`) {
			t.Errorf("%d %s", status, body)
		}
		if status, _ := site.Get("/state/osaka/agents/gateway-1"); status != http.StatusNotFound {
			t.Errorf("a deleted record: %d", status)
		}
		if _, metrics := site.Get("/metrics"); !strings.Contains(metrics, `skerry_site_sync_connected{broker="site"} 1`) || !strings.Contains(metrics, "skerry_site_sync_records 1") {
			t.Errorf("metrics: %s", metrics)
		}
		cloud.Terminate()
		site.Terminate()
	})
}

// fakeAgent reads its desired state from a broker.
type fakeAgent struct {
	t      *testing.T
	broker brokertest.Broker
	number int
}

func (f *fakeAgent) dial() *mqtt.BlockingClient {
	f.t.Helper()
	f.number++
	client, err := mqtt.ConnectBlocking(f.t.Context(), mqtt.Options{Address: f.broker.URL(), ClientID: fmt.Sprintf("gateway-1-%d", f.number)})
	if err != nil {
		f.t.Fatal(err)
	}
	return client
}

// await connects until the broker has kept a desired state, or none.
func (f *fakeAgent) await(expected string) {
	f.t.Helper()
	programtest.Await(f.t, fmt.Sprintf("the desired state is %q", expected), func() bool {
		client := f.dial()
		defer client.Close()
		if err := client.Subscribe(f.t.Context(), edgeevents.ConfigTopic("gateway-1")); err != nil {
			f.t.Fatal(err)
		}
		select {
		case message := <-client.Messages():
			return string(message.Payload) == expected && message.Retained
		case <-time.After(200 * time.Millisecond):
			return expected == ""
		}
	})
}

func (f *fakeAgent) report(payload string) {
	f.t.Helper()
	client := f.dial()
	defer client.Close()
	if err := client.Publish(f.t.Context(), mqtt.Outgoing{Topic: edgeevents.ReportedTopic("gateway-1"), Payload: []byte(payload), Retain: true}); err != nil {
		f.t.Fatal(err)
	}
}
