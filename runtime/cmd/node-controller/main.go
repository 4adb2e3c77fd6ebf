// Command node-controller keeps nodes as their NodePools state: labels, taints, capacity facts.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"go.uber.org/zap/zapcore"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/explain"
	"github.com/skerry-dev/skerry/runtime/pkg/nodepool"
)

const (
	name      = "node-controller"
	namespace = "skerry-system"
	// What was missed is met again after this time.
	resync = 10 * time.Minute
	// Requests end by then: nothing that was asked for an older pool arrives after its record has shrunk.
	timeout = 30 * time.Second
	// The client's default of 20 requests a second would take minutes for a changed pool of thousands of nodes.
	qps, burst = 200, 400
)

func main() {
	metrics := flag.String("metrics-bind-address", ":8080", "where metrics are served; 0 serves none")
	health := flag.String("health-probe-bind-address", ":8081", "where /healthz and /readyz are served")
	elect := flag.Bool("leader-elect", false, "let one of several instances work: the one with the lease "+namespace+"/"+name)
	verbose := flag.Bool("verbose", false, "log details")
	flag.Parse()
	level := zapcore.InfoLevel
	if *verbose {
		level = zapcore.DebugLevel
	}
	ctrl.SetLogger(zap.New(zap.JSONEncoder(), zap.Level(level)))
	if err := run(ctrl.SetupSignalHandler(), *metrics, *health, *elect); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, metrics, health string, elect bool) error {
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		return err
	}
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return err
	}
	config, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	config.QPS, config.Burst, config.Timeout = qps, burst, timeout
	period := resync
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Scheme:                        scheme,
		Cache:                         cache.Options{SyncPeriod: &period, ByObject: nodepool.Cached()},
		Metrics:                       metricsserver.Options{BindAddress: metrics},
		HealthProbeBindAddress:        health,
		LeaderElection:                elect,
		LeaderElectionID:              name,
		LeaderElectionNamespace:       namespace,
		LeaderElectionReleaseOnCancel: true,
	})
	if err != nil {
		return err
	}
	if err := manager.AddHealthzCheck("healthz", healthz.Ping); err != nil {
		return err
	}
	synced, err := nodepool.Synced(ctx, manager.GetCache())
	if err != nil {
		return err
	}
	if err := manager.AddReadyzCheck("caches", synced); err != nil {
		return err
	}
	recorder := explain.Bounded(manager.GetEventRecorder(name))
	if err := (&nodepool.Nodes{Client: manager.GetClient(), Recorder: recorder}).SetupWithManager(manager); err != nil {
		return err
	}
	if err := (&nodepool.Pools{Client: manager.GetClient(), Recorder: recorder}).SetupWithManager(manager); err != nil {
		return err
	}
	return manager.Start(ctx)
}
