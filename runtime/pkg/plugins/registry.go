// Package plugins is the list of Skerry's scheduler plugins, for the scheduler and for whatever replays its decisions.
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

// Environment is what plugins have from outside.
type Environment struct {
	Clock clock.PassiveClock
	// Links opens the round trips between regions.
	Links func(ctx context.Context, file string) (links.Source, error)
	// Profiles opens what is known of the nodes of the cluster that the handle is of. It is asked once.
	Profiles func(ctx context.Context, handle fwk.Handle) (load.Source, error)
	// Metrics count what the plugins decide; none by default.
	Metrics *observe.Metrics
	// Explanations of the nodes that were chosen, for the recorder of events; none by default.
	Explanations *explain.Book
}

// Set is the plugins of one scheduler.
type Set struct {
	// Registry makes each plugin by its name.
	Registry frameworkruntime.Registry
	// regions are the EdgeProximity of each profile.
	regions map[fwk.Handle]*edgeproximity.Plugin
}

// Attach completes a scheduler that was made with the registry: in each attempt, all plugins see the pod's regions as
// node affinity. The queue and the API keep the pod as it is.
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

// Set makes the plugins' registry.
func (e Environment) Set() *Set {
	var once sync.Once
	var shared load.Source
	var failed error
	profiles := func(ctx context.Context, handle fwk.Handle) (load.Source, error) {
		once.Do(func() { shared, failed = e.Profiles(ctx, handle) })
		return shared, failed
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
	source, err := e.Links(ctx, args.LinksFile)
	if err != nil {
		return nil, fmt.Errorf("%s: linksFile: %w", edgeproximity.Name, err)
	}
	index, err := edgeproximity.NewIndex(handle.SharedInformerFactory().Core().V1().Nodes().Informer())
	if err != nil {
		return nil, err
	}
	return edgeproximity.New(source, index, handle, e.Metrics, e.Explanations), nil
}

// LinksFromFile follows a file.
func LinksFromFile(clock clock.WithTicker) func(context.Context, string) (links.Source, error) {
	return func(ctx context.Context, file string) (links.Source, error) {
		return links.OpenFile(ctx, file, clock, klog.FromContext(ctx).WithName(edgeproximity.Name))
	}
}
