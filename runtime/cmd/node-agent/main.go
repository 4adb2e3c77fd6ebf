// Command node-agent measures its node and publishes the result as the node's NodeProfile.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/nodeagent"
	"github.com/skerry-dev/skerry/runtime/pkg/nodeagent/apiclient"
	"github.com/skerry-dev/skerry/runtime/pkg/nodeagent/roundtrip"
	"github.com/skerry-dev/skerry/runtime/pkg/nodeagent/usage"
)

const (
	serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount"
	// heapGrowth in percent: the heap is so small that collecting it often costs less than letting it grow.
	heapGrowth = 50
	// Values of --core-speed that are no numbers.
	measureSpeed, unknownSpeed = "measure", "unknown"
	// maxSpeed is the largest speed of the API.
	maxSpeed = 1000
)

type options struct {
	node, proc, sys, stateDir string
	coreSpeed                 string
	interval, probeInterval   time.Duration
	server, token, authority  string
	probeAddress, probeBind   string
	nodesFile, health         string
}

func main() {
	var o options
	flag.StringVar(&o.node, "node-name", "", "`name` of the node")
	flag.StringVar(&o.proc, "proc", "/proc", "`folder` where procfs is mounted")
	flag.StringVar(&o.sys, "sys", "/sys", "`folder` where the sysfs of the node is mounted")
	flag.StringVar(&o.stateDir, "state-dir", "", "`folder` for the measured speed of the cores")
	flag.StringVar(&o.coreSpeed, "core-speed", measureSpeed, "`speed` of one core: "+measureSpeed+" runs the benchmark once, "+unknownSpeed+" publishes none, and a number is published as it is")
	flag.DurationVar(&o.interval, "interval", 30*time.Second, "mean time between samples, from 1s to 30m")
	flag.DurationVar(&o.probeInterval, "probe-interval", 0, "time between two probes; 0 probes each region twice per minute, and at most 30 times per minute in all")
	flag.StringVar(&o.server, "server", "", "`URL` of the API server (default: the cluster's, from the environment)")
	flag.StringVar(&o.token, "token-file", filepath.Join(serviceAccount, "token"), "`file` with the token")
	flag.StringVar(&o.authority, "certificate-authority", filepath.Join(serviceAccount, "ca.crt"), "`file` with the certificates of the API server's authority")
	flag.StringVar(&o.probeAddress, "probe-address", "", "`IP:port` at which other nodes probe this one; empty disables probes")
	flag.StringVar(&o.probeBind, "probe-bind-address", "", "`IP:port` to answer probes at, if others reach it at --probe-address through a relay")
	flag.StringVar(&o.nodesFile, "nodes-file", "", "`file` with the nodes that measure round-trip times (nodes.json, version 1)")
	flag.StringVar(&o.health, "health-probe-bind-address", "", "`address` of the health endpoints /livez and /readyz; empty disables them")
	flag.Parse()
	debug.SetGCPercent(heapGrowth)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	if err := o.complete(); err != nil {
		return err
	}
	logger := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	clock := &apiclient.Clock{}
	agent := &nodeagent.Agent{
		Node: o.node, Clock: clock, ProbeAddress: o.probeAddress, Interval: o.interval, Logger: logger,
		Client:  &apiclient.Client{Server: o.server, TokenFile: o.token, AuthorityFile: o.authority, Clock: clock},
		Sampler: usage.Sampler{Proc: o.proc, Sys: o.sys},
	}
	if o.probeAddress != "" {
		address, err := o.probeListener()
		if err != nil {
			return err
		}
		connection, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(address))
		if err != nil {
			return err
		}
		go roundtrip.Respond(ctx, connection, o.node)
		if o.nodesFile != "" {
			agent.Prober = &roundtrip.Prober{Node: o.node, Source: address.Addr(), Nodes: roundtrip.ReadNodes(o.nodesFile, logger), Interval: o.probeInterval}
			go agent.Prober.Run(ctx)
		}
	}
	if o.health != "" {
		if err := serveHealth(ctx, o.health, agent.Health()); err != nil {
			return err
		}
	}
	switch o.coreSpeed {
	case measureSpeed:
		go agent.MeasureSpeed(ctx, o.proc, filepath.Join(o.stateDir, "core-speed.json"))
	case unknownSpeed:
	default:
		// It was checked.
		speed, _ := strconv.ParseFloat(o.coreSpeed, 64)
		agent.SetSpeed(speed)
	}
	logger.Info("started", "node", o.node)
	agent.Run(ctx)
	return nil
}

// complete checks the options and sets what the environment provides.
func (o *options) complete() error {
	if o.server == "" {
		host, port := os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT")
		if host == "" || port == "" {
			return errors.New("--server: must not be empty outside a cluster")
		}
		o.server = "https://" + net.JoinHostPort(host, port)
	}
	switch {
	case o.node == "":
		return errors.New("--node-name: must not be empty")
	case o.stateDir == "":
		return errors.New("--state-dir: must not be empty")
	case o.interval < time.Second || o.interval > 30*time.Minute:
		return fmt.Errorf("--interval: must be from 1s to 30m, got %s", o.interval)
	}
	if o.coreSpeed == measureSpeed || o.coreSpeed == unknownSpeed {
		return nil
	}
	if speed, err := strconv.ParseFloat(o.coreSpeed, 64); err != nil || !(speed > 0) || speed > maxSpeed {
		return fmt.Errorf("--core-speed: must be %s, %s, or a number above 0 and at most %d, got %q", measureSpeed, unknownSpeed, maxSpeed, o.coreSpeed)
	}
	return nil
}

// probeListener returns the address to answer probes at.
func (o *options) probeListener() (netip.AddrPort, error) {
	announced, err := netip.ParseAddrPort(o.probeAddress)
	if err != nil {
		return announced, fmt.Errorf("--probe-address: must be IP:port, got %q", o.probeAddress)
	}
	if o.probeBind == "" {
		return announced, nil
	}
	bound, err := netip.ParseAddrPort(o.probeBind)
	if err != nil {
		return bound, fmt.Errorf("--probe-bind-address: must be IP:port, got %q", o.probeBind)
	}
	return bound, nil
}

func serveHealth(ctx context.Context, address string, handler http.Handler) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() { _ = server.Serve(listener) }()
	return nil
}
