// Command ingest measures how fast messages get into a database: by the ingest, and by the plainest statements.
//
//	ingest write|insert|copy sqlite:PATH|postgres://… NODES BATCHES
//	ingest pipeline LOCATION NODES MESSAGES EDGE-INGEST
//	ingest postgres
//
// It prints JSON. "postgres" runs a server until standard input ends, and prints its location.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/postgrestest"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/ingest"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// result is what is printed.
type result struct {
	PerSecond float64 `json:"perSecond"`
	// CPUPerMessage is the processor time of the program in microseconds, without that of a database server.
	CPUPerMessage float64 `json:"cpuPerMessage"`
	// PeakMiB is the most memory that edge-ingest had resident.
	PeakMiB float64 `json:"peakMiB,omitempty"`
}

const batchSize = 1000

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if arguments[0] == "postgres" {
		return runPostgres()
	}
	location := arguments[1]
	nodes, err := strconv.Atoi(arguments[2])
	if err != nil {
		return err
	}
	count, err := strconv.Atoi(arguments[3])
	if err != nil {
		return err
	}
	var measured result
	switch arguments[0] {
	case "write":
		measured, err = measureWrite(location, nodes, count)
	case "pipeline":
		measured, err = measurePipeline(location, nodes, count, arguments[4])
	default:
		measured, err = measureBaseline(arguments[0], location, nodes, count)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(measured)
}

func runPostgres() error {
	server, reason := postgrestest.New()
	if reason != "" {
		return fmt.Errorf("PostgreSQL: %s", reason)
	}
	defer server.Remove()
	fmt.Println(server.URL("postgres"))
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// message returns the key and the payload of a message: a reading.
func message(number, nodes int) (outbox.Key, []byte) {
	key := outbox.Key{
		Node: fmt.Sprintf("gateway-%d", number%nodes), Class: "telemetry", Epoch: outbox.Epoch{Number: 1, Token: 1}, Sequence: uint64(number/nodes + 1),
	}
	event := edgeevents.Event{Type: edgeevents.TypeReading, Subject: "boiler", Time: time.Now(), Data: fmt.Appendf(nil, `{"value":%d.5,"unit":"Cel"}`, number%100)}
	body, err := event.Encode()
	if err != nil {
		panic(err)
	}
	return key, edgeevents.Seal(key, body)
}

// measure runs something for each of some batches.
func measure(batches int, run func(batch int) error) (result, error) {
	// The first batch creates what is created once.
	if err := run(0); err != nil {
		return result{}, err
	}
	started, before := time.Now(), processorTime(syscall.RUSAGE_SELF)
	for batch := 1; batch <= batches; batch++ {
		if err := run(batch); err != nil {
			return result{}, err
		}
	}
	messages := float64(batches * batchSize)
	return result{
		PerSecond:     messages / time.Since(started).Seconds(),
		CPUPerMessage: float64((processorTime(syscall.RUSAGE_SELF) - before).Microseconds()) / messages,
	}, nil
}

func processorTime(of int) time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(of, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// measureWrite stores batches as the ingest does, without a broker.
func measureWrite(location string, nodes, batches int) (result, error) {
	store, err := ingest.OpenStore(location, "")
	if err != nil {
		return result{}, err
	}
	defer store.Close()
	if err := store.Prepare(context.Background()); err != nil {
		return result{}, err
	}
	all := make([][]ingest.Delivery, batches+1)
	for batch := range all {
		for n := range batchSize {
			key, payload := message(batch*batchSize+n, nodes)
			all[batch] = append(all[batch], ingest.Delivery{Topic: edgeevents.UpTopic(key.Node, key.Class), Payload: payload, At: time.Now()})
		}
	}
	return measure(batches, func(batch int) error {
		stored, err := ingest.Write(context.Background(), store, all[batch])
		if err == nil && stored.Stored != batchSize {
			err = fmt.Errorf("%d of %d messages are stored", stored.Stored, batchSize)
		}
		return err
	})
}
