package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/testprograms"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
)

// window is how many messages wait for their acknowledgement at most: the window of one agent.
const window = 1000

// measurePipeline publishes messages at a Mosquitto, and waits until edge-ingest has acknowledged all of them.
func measurePipeline(location string, nodes, count int, program string) (measured result, err error) {
	folder, err := os.MkdirTemp("", "bench-ingest")
	if err != nil {
		return result{}, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	address, stop, err := runMosquitto(folder)
	if err != nil {
		return result{}, err
	}
	defer stop()
	ingest := exec.Command(program, "--broker", "mqtt://"+address, "--database", location, "--http-address", "")
	ingest.Stderr = os.Stderr
	if err := ingest.Start(); err != nil {
		return result{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	client, err := mqtt.ConnectBlocking(ctx, mqtt.Options{Address: "mqtt://" + address, ClientID: "agents", ReceiveMaximum: window})
	if err != nil {
		return result{}, err
	}
	if err := client.Subscribe(ctx, "skerry/v1/ack/+/+"); err != nil {
		return result{}, err
	}
	// The first message is sent until the ingest answers. It is acknowledged as often.
	for acknowledged := 0; acknowledged == 0; {
		if err := publish(ctx, client, 0, nodes); err != nil {
			return result{}, err
		}
		acknowledged, err = receive(ctx, client, 200*time.Millisecond)
		if err != nil {
			return result{}, err
		}
	}
	for more := 1; more > 0; {
		if more, err = receive(ctx, client, 500*time.Millisecond); err != nil {
			return result{}, err
		}
	}
	started := time.Now()
	for sent, acknowledged := 1, 1; acknowledged < count; {
		for sent < count && sent-acknowledged < window {
			if err := publish(ctx, client, sent, nodes); err != nil {
				return result{}, err
			}
			sent++
		}
		more, err := receive(ctx, client, 10*time.Second)
		if err != nil {
			return result{}, err
		}
		if more == 0 {
			return result{}, fmt.Errorf("%d of %d messages are acknowledged", acknowledged, count)
		}
		acknowledged += more
	}
	elapsed := time.Since(started)
	client.Close()
	if err := ingest.Process.Signal(syscall.SIGTERM); err != nil {
		return result{}, err
	}
	if err := ingest.Wait(); err != nil {
		return result{}, err
	}
	used := ingest.ProcessState.UserTime() + ingest.ProcessState.SystemTime()
	measured = result{PerSecond: float64(count) / elapsed.Seconds(), CPUPerMessage: float64(used.Microseconds()) / float64(count)}
	if usage, ok := ingest.ProcessState.SysUsage().(*syscall.Rusage); ok {
		measured.PeakMiB = float64(usage.Maxrss) / 1024
	}
	return measured, nil
}

func publish(ctx context.Context, client *mqtt.BlockingClient, number, nodes int) error {
	key, payload := message(number, nodes)
	return client.Send(ctx, mqtt.Outgoing{Topic: edgeevents.UpTopic(key.Node, key.Class), Payload: payload})
}

// receive waits for an acknowledgement, and returns how many messages it and those that have arrived are about.
func receive(ctx context.Context, client *mqtt.BlockingClient, patience time.Duration) (int, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	count := 0
	for {
		message, err := client.Receive(waiting)
		switch {
		case err != nil && client.Err() != nil:
			return count, err
		case err != nil:
			return count, nil
		}
		acknowledgement, err := edgeevents.DecodeAcknowledgement(message.Payload)
		if err != nil {
			return count, err
		}
		for _, within := range acknowledgement.Ranges {
			count += int(within.Last - within.First + 1)
		}
		if err := client.Acknowledge(message); err != nil {
			return count, err
		}
		if len(client.Messages()) == 0 {
			return count, nil
		}
	}
}

// runMosquitto starts a broker whose queues hold the window.
func runMosquitto(folder string) (address string, stop func(), err error) {
	programs, err := testprograms.Ensure("ensure-mosquitto")
	if err != nil {
		return "", nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	address = listener.Addr().String()
	if err := listener.Close(); err != nil {
		return "", nil, err
	}
	_, port, _ := net.SplitHostPort(address)
	config := filepath.Join(folder, "mosquitto.conf")
	text := fmt.Sprintf("listener %s 127.0.0.1\nallow_anonymous true\nlog_type none\nmax_inflight_messages %d\nmax_queued_messages %d\n", port, window, 2*window)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		return "", nil, err
	}
	command := exec.Command(programs[0], "-c", config)
	if err := command.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	}
	for range 100 {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			return address, stop, connection.Close()
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	return "", nil, fmt.Errorf("Mosquitto does not listen at %s", address)
}
