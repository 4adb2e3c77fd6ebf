// Command node-controller applies the labels, taints and capacity of FleetNodePool objects to their nodes, and maintains the
// links between regions that nodes measure.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"go.uber.org/zap/zapcore"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/explain"
	"github.com/skerry-dev/skerry/runtime/pkg/measuredlinks"
	"github.com/skerry-dev/skerry/runtime/pkg/nodepool"
)

const (
	name      = "node-controller"
	namespace = "skerry-system"
	// agentNamespace is the namespace of the node agents.
	agentNamespace = "skerry-node-agent"
	// resync is the period after which all objects are reconciled again.
	resync = 10 * time.Minute
	// timeout limits each request, so that none based on an older pool arrives after that pool's keys have been pruned.
	timeout = 30 * time.Second
	// With the client's default of 20 requests per second, updating a pool of thousands of nodes would take minutes.
	qps, burst = 200, 400
)

func main() {
	metrics := flag.String("metrics-bind-address", ":8080", "address of the metrics endpoint; 0 disables it")
	health := flag.String("health-probe-bind-address", ":8081", "address of the health endpoints /healthz and /readyz")
	elect := flag.Bool("leader-elect", false, "run only while holding the lease "+namespace+"/"+name+", which allows for several instances")
	measure := flag.Bool("measured-links", false, "choose nodes that measure round-trip times, and maintain the links between regions that they measure")
	verbose := flag.Bool("verbose", false, "enable debug logs")
	flag.Parse()
	level := zapcore.InfoLevel
	if *verbose {
		level = zapcore.DebugLevel
	}
	ctrl.SetLogger(zap.New(zap.JSONEncoder(), zap.Level(level)))
	if err := run(ctrl.SetupSignalHandler(), *metrics, *health, *elect, *measure); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, metrics, health string, elect, measure bool) error {
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
		Cache:                         cache.Options{SyncPeriod: &period, ByObject: nodepool.CacheOptions()},
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
	cacheChecker, err := nodepool.NewCacheChecker(ctx, manager.GetCache())
	if err != nil {
		return err
	}
	if err := manager.AddReadyzCheck("caches", cacheChecker); err != nil {
		return err
	}
	recorder := explain.Bounded(manager.GetEventRecorder(name))
	if err := (&nodepool.NodeReconciler{Client: manager.GetClient(), Recorder: recorder}).SetupWithManager(manager); err != nil {
		return err
	}
	if err := (&nodepool.PoolReconciler{Client: manager.GetClient(), Recorder: recorder}).SetupWithManager(manager); err != nil {
		return err
	}
	if !measure {
		return manager.Start(ctx)
	}
	system := func(name string) types.NamespacedName { return types.NamespacedName{Namespace: namespace, Name: name} }
	if err := manager.Add(&measuredlinks.Controller{
		Client: manager.GetClient(), Reader: manager.GetAPIReader(), Clock: clock.RealClock{},
		RegionLinks: system("region-links"), MeasuredLinks: system("measured-links"),
		ProbeNodes: types.NamespacedName{Namespace: agentNamespace, Name: "probe-nodes"},
	}); err != nil {
		return err
	}
	return manager.Start(ctx)
}
