// Package plugins registers Skerry's scheduler plugins, for the scheduler and for simulators.
package plugins

import (
	"context"
	"fmt"
	"sync"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler"
	"k8s.io/kubernetes/pkg/scheduler/framework"
	frameworkruntime "k8s.io/kubernetes/pkg/scheduler/framework/runtime"
	"k8s.io/utils/clock"

	"github.com/skerry-dev/skerry/runtime/apis/config/validation"
	"github.com/skerry-dev/skerry/runtime/pkg/explain"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
	"github.com/skerry-dev/skerry/runtime/pkg/observe"
	"github.com/skerry-dev/skerry/runtime/pkg/plugins/edgeproximity"
	"github.com/skerry-dev/skerry/runtime/pkg/plugins/loadaware"
	"github.com/skerry-dev/skerry/runtime/pkg/plugins/resourceprofile"
)

// Environment contains the external dependencies of the plugins.
type Environment struct {
	Clock clock.PassiveClock
	// Links opens the source of the round-trip times between regions, from a file and one with measured links.
	Links func(ctx context.Context, file, measuredFile string) (links.Source, error)
	// Profiles opens the source of the profiles of the cluster's nodes. It is called at most once.
	Profiles func(ctx context.Context, handle fwk.Handle) (load.Source, error)
	// Metrics are the metrics of the plugins. Defaults to none.
	Metrics *observe.Metrics
	// Explanations collects the reasons for placements, for the event recorder. Defaults to none.
	Explanations *explain.Book
}

// Set contains the plugins of one scheduler.
type Set struct {
	// Registry contains the factories of the plugins by name.
	Registry frameworkruntime.Registry
	// regions contains the EdgeProximity plugin of each profile.
	regions map[fwk.Handle]*edgeproximity.Plugin
}

// Attach makes all plugins of a scheduler see the region constraints of pods as node affinity. The scheduler must have been
// created with the Registry. The pods in the queue and in the API do not change.
func (s *Set) Attach(sched *scheduler.Scheduler) {
	regions := map[string]*edgeproximity.Plugin{}
	for name, profile := range sched.Profiles {
		regions[name] = s.regions[profile]
	}
	next := sched.NextPod
	sched.NextPod = func(logger klog.Logger) (*framework.QueuedPodInfo, error) {
		queued, err := next(logger)
		if err != nil || queued == nil || queued.Pod == nil {
			return queued, err
		}
		plugin := regions[queued.Pod.Spec.SchedulerName]
		if plugin == nil {
			return queued, nil
		}
		if limited := plugin.WithAffinity(queued.Pod); limited != queued.Pod {
			info := *queued.PodInfo
			info.Pod = limited
			queued.PodInfo = &info
		}
		return queued, nil
	}
}

// Set returns the plugins of one scheduler.
func (e Environment) Set() *Set {
	var once sync.Once
	var shared load.Source
	var openErr error
	profiles := func(ctx context.Context, handle fwk.Handle) (load.Source, error) {
		once.Do(func() { shared, openErr = e.Profiles(ctx, handle) })
		return shared, openErr
	}
	s := &Set{regions: map[fwk.Handle]*edgeproximity.Plugin{}}
	s.Registry = frameworkruntime.Registry{
		edgeproximity.Name: func(ctx context.Context, object runtime.Object, handle fwk.Handle) (fwk.Plugin, error) {
			plugin, err := e.edgeProximity(ctx, object, handle)
			if err != nil {
				return nil, err
			}
			s.regions[handle] = plugin
			return plugin, nil
		},
		resourceprofile.Name: func(ctx context.Context, object runtime.Object, handle fwk.Handle) (fwk.Plugin, error) {
			args, err := validation.DecodeResourceProfile(object)
			if err != nil {
				return nil, err
			}
			source, err := profiles(ctx, handle)
			if err != nil {
				return nil, err
			}
			return resourceprofile.New(args, e.Clock, source, handle, e.Metrics, e.Explanations), nil
		},
		loadaware.Name: func(ctx context.Context, object runtime.Object, handle fwk.Handle) (fwk.Plugin, error) {
			args, err := validation.DecodeLoadAware(object)
			if err != nil {
				return nil, err
			}
			source, err := profiles(ctx, handle)
			if err != nil {
				return nil, err
			}
			plugin := loadaware.New(args, e.Clock, source, handle, e.Metrics, e.Explanations)
			core := handle.SharedInformerFactory().Core().V1()
			if _, err := core.Pods().Informer().AddEventHandler(plugin.PodHandler()); err != nil {
				return nil, err
			}
			if _, err := core.Nodes().Informer().AddEventHandler(plugin.NodeHandler()); err != nil {
				return nil, err
			}
			return plugin, nil
		},
	}
	return s
}

func (e Environment) edgeProximity(ctx context.Context, object runtime.Object, handle fwk.Handle) (*edgeproximity.Plugin, error) {
	args, err := validation.DecodeEdgeProximity(object)
	if err != nil {
		return nil, err
	}
	source, err := e.Links(ctx, args.LinksFile, args.MeasuredLinksFile)
	if err != nil {
		return nil, fmt.Errorf("%s: linksFile: %w", edgeproximity.Name, err)
	}
	index, err := edgeproximity.NewIndex(handle.SharedInformerFactory().Core().V1().Nodes().Informer())
	if err != nil {
		return nil, err
	}
	return edgeproximity.New(source, index, handle, e.Metrics, e.Explanations), nil
}

// LinksFromFiles returns a function for Environment.Links that polls the files.
func LinksFromFiles(clock clock.WithTicker) func(context.Context, string, string) (links.Source, error) {
	return func(ctx context.Context, file, measured string) (links.Source, error) {
		return links.OpenFiles(ctx, file, measured, clock, klog.FromContext(ctx).WithName(edgeproximity.Name))
	}
}
