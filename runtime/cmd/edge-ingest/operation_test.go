package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/brokertest"
	"github.com/skerry-dev/skerry/runtime/internal/databasetest"
	"github.com/skerry-dev/skerry/runtime/internal/postgrestest"
	"github.com/skerry-dev/skerry/runtime/internal/programtest"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/ingest"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
)

// TestADatabaseThatIsDown starts without a database, and stops it later. The program stays alive and says so.
func TestADatabaseThatIsDown(t *testing.T) {
	server := postgrestest.Start(t)
	server.Kill()
	b := brokertest.StartMochi(t)
	p := newProgram(t, b.URL(), server.URL("postgres"))
	p.Start()
	programtest.Await(t, "/readyz names the database", func() bool {
		status, body := p.Get("/readyz")
		return status == http.StatusServiceUnavailable && strings.Contains(body, "database: ")
	})
	if status, _ := p.Get("/healthz"); status != http.StatusOK {
		t.Fatalf("/healthz: %d", status)
	}
	a := startAgent(t, "gateway-1", mqtt.Options{Address: b.URL()})
	a.append("first")
	time.Sleep(time.Second)
	if len(a.snapshot()) > 0 {
		t.Fatal("a message was acknowledged without a database")
	}
	if err := server.Run(); err != nil {
		t.Fatal(err)
	}
	p.AwaitReady()
	programtest.Await(t, "the message is acknowledged", a.isDone)

	server.Kill()
	a.append("second")
	programtest.Await(t, "/readyz names the database again", func() bool {
		status, body := p.Get("/readyz")
		return status == http.StatusServiceUnavailable && strings.Contains(body, "database: ")
	})
	if err := server.Run(); err != nil {
		t.Fatal(err)
	}
	programtest.Await(t, "the second message is acknowledged", a.isDone)
	p.AwaitReady()
	_, metrics := p.Get("/metrics")
	for _, line := range []string{"skerry_edge_ingest_messages_total 2", "skerry_edge_ingest_connected 1", `skerry_edge_ingest_rejected_total{reason="source"} 0`} {
		if !strings.Contains(metrics, line+"\n") {
			t.Errorf("metrics lack %s:\n%s", line, metrics)
		}
	}
	p.Terminate()
}

// TestPoisonDoesNotBlock publishes what is wrong from one node, and messages from another.
func TestPoisonDoesNotBlock(t *testing.T) {
	brokertest.ForEach(t, func(t *testing.T, b brokertest.Broker) {
		location := "sqlite:" + filepath.Join(t.TempDir(), "messages.db")
		p := newProgram(t, b.URL(), location)
		p.Start()
		p.AwaitReady()
		client, err := mqtt.ConnectBlocking(t.Context(), mqtt.Options{Address: b.URL(), ClientID: "poison"})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		for _, payload := range []string{"", "{", `{"source":"skerry/gateway-1/telemetry","id":"1-0000000000000000/1"}`, strings.Repeat("x", 3<<20)} {
			if err := client.Publish(t.Context(), mqtt.Outgoing{Topic: edgeevents.UpTopic("gateway-2", "telemetry"), Payload: []byte(payload)}); err != nil {
				t.Fatal(err)
			}
		}
		a := startAgent(t, "gateway-1", mqtt.Options{Address: b.URL()})
		a.append("good")
		programtest.Await(t, "the good message is acknowledged", a.isDone)
		rows := databasetest.Query(t, location, `SELECT reason, count(*) FROM edge_quarantine GROUP BY reason ORDER BY reason`)
		if got := fmt.Sprint(rows); got != "[[envelope 2] [size 1] [source 1]]" {
			t.Fatal(got)
		}
		if rows := databasetest.Query(t, location, `SELECT node FROM edge_messages`); fmt.Sprint(rows) != "[[gateway-1]]" {
			t.Fatal(rows)
		}
		p.Terminate()
	})
}

// TestReportedLossesCloseGaps reports losses before the ingest has started: the broker keeps the report.
func TestReportedLossesCloseGaps(t *testing.T) {
	brokertest.ForEach(t, func(t *testing.T, b brokertest.Broker) {
		location := "sqlite:" + filepath.Join(t.TempDir(), "messages.db")
		client, err := mqtt.ConnectBlocking(t.Context(), mqtt.Options{Address: b.URL(), ClientID: "gateway-1"})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		publish := func(topic, payload string, retain bool) {
			t.Helper()
			if err := client.Publish(t.Context(), mqtt.Outgoing{Topic: topic, Payload: []byte(payload), Retain: retain}); err != nil {
				t.Fatal(err)
			}
		}
		publish(edgeevents.LossesTopic("gateway-1", "telemetry"), `{"losses":[{"first":2,"last":4,"reason":"Full"}]}`, true)
		p := newProgram(t, b.URL(), location)
		p.Start()
		p.AwaitReady()
		for _, sequence := range []string{"1", "5", "8"} {
			publish(edgeevents.UpTopic("gateway-1", "telemetry"),
				`{"source":"skerry/gateway-1/telemetry","id":"1-0000000000000001/`+sequence+`","sequence":"`+sequence+`","specversion":"1.0","type":"t"}`, false)
		}
		var streams struct{ Streams []ingest.Status }
		programtest.Await(t, "the messages are stored", func() bool {
			var output bytes.Buffer
			if err := run(t.Context(), []string{"status", "--database", location, "--json"}, &output, io.Discard); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(output.Bytes(), &streams); err != nil {
				t.Fatal(err)
			}
			return len(streams.Streams) == 1 && streams.Streams[0].Messages == 3
		})
		// 6 and 7 are missing, 2 to 4 are lost.
		if got := streams.Streams[0]; got.Missing != 2 || got.Gaps != 1 || got.Node != "gateway-1" || got.LastSequence != 8 {
			t.Fatalf("%+v", got)
		}
		var table bytes.Buffer
		if err := run(t.Context(), []string{"status", "--database", location}, &table, io.Discard); err != nil || !strings.Contains(table.String(), "gateway-1  telemetry  3         1-0000000000000001/8") {
			t.Fatalf("%v\n%s", err, table.String())
		}
	})
}

func TestArgumentsAreChecked(t *testing.T) {
	for arguments, expected := range map[string]string{
		"--nonsense":                     "flag provided but not defined: -nonsense",
		"serve":                          `unknown argument "serve"`,
		"--broker mqtt://a":              "--database: is required",
		"--database sqlite:x":            "--broker: is required",
		"--broker mqtt://u:secret@a":     "--broker: must have no user and password",
		"--broker ftp://a":               `--broker: "ftp://a": scheme must be one of mqtt, mqtts`,
		"--broker mqtt://a --ca-file x":  `--broker: "mqtt://a": scheme must be mqtts with certificates`,
		"--mqtt-version 4":               `--mqtt-version: "4": must be one of 3.1.1, 5`,
		"--cert-file x":                  "--cert-file: must be set together with --key-file",
		"--password-file x":              "--username: is required with a password",
		"--batch-size 0":                 "--batch-size: 0: must be between 1 and 10000",
		"--batch-delay 1m":               "--batch-delay: 1m0s: must be between 0s and 5s",
		"--share-group a/b":              `--share-group: "a/b": must have no`,
		"status":                         "--database: is required",
		"status --database sqlite:/no/x": "/no/x",
	} {
		err := run(t.Context(), strings.Fields(arguments), io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), expected) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want %s", arguments, err, expected)
		}
	}
	// Asking for the status of a file that does not exist does not create it.
	missing := filepath.Join(t.TempDir(), "missing.db")
	if err := run(t.Context(), []string{"status", "--database", "sqlite:" + missing}, io.Discard, io.Discard); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("the file was created")
	}
	var help bytes.Buffer
	if err := run(t.Context(), []string{"--help"}, &help, io.Discard); err == nil || !strings.Contains(help.String(), "-batch-size") {
		t.Errorf("%v\n%s", err, help.String())
	}
}

// TestClientCertificates uses a Mosquitto that demands certificates and names clients after them.
func TestClientCertificates(t *testing.T) {
	files := newCertificates(t)
	b := brokertest.StartMosquitto(t, "cafile "+files.authority, "certfile "+files.certificate, "keyfile "+files.key, "require_certificate true")
	address := strings.Replace(b.URL(), "mqtt://", "mqtts://", 1)
	location := "sqlite:" + filepath.Join(t.TempDir(), "messages.db")
	p := newProgram(t, address, location, "--ca-file", files.authority, "--cert-file", files.certificate, "--key-file", files.key)
	p.Start()
	p.AwaitReady()
	p.Terminate()
	stranger := newProgram(t, address, location, "--ca-file", files.authority)
	stranger.Start()
	programtest.Await(t, "a client without a certificate is refused", func() bool {
		_, body := stranger.Get("/readyz")
		return strings.Contains(body, "broker: ") && strings.Contains(body, "certificate required")
	})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := mqtt.ConnectBlocking(ctx, mqtt.Options{Address: address, ClientID: "x"}); err == nil || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("an unknown authority is trusted: %v", err)
	}
}
