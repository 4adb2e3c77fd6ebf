// Package scheduling runs upstream's scheduling cycle on a store of objects in memory, one pod at a time.
//
// The cycle is the scheduler's own ScheduleOne, with the profiles that the framework builds from a
// KubeSchedulerConfiguration. Four things differ from a live scheduler, so that a result can be reproduced: filters
// examine nodes in order and not in parallel, nodes that PreFilter plugins name are examined by name and not at random,
// preemption is complete when an attempt ends, and opportunistic batching, which depends on the time that attempts take,
// is off.
package scheduling

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/tools/events"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/features"
	"k8s.io/kubernetes/pkg/scheduler"
	"k8s.io/kubernetes/pkg/scheduler/apis/config"
	"k8s.io/kubernetes/pkg/scheduler/framework"

	"github.com/skerry-dev/skerry/runtime/pkg/explain"
	"github.com/skerry-dev/skerry/runtime/pkg/plugins"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation/store"
)

// Options of a Scheduler.
type Options struct {
	Store *store.Store
	// Config is decoded and defaulted.
	Config *config.KubeSchedulerConfiguration
	// Environment of the plugins that are not upstream's. Its Explanations are set by New.
	Environment plugins.Environment
	// Seed shuffles nodes with the same score; 0 keeps them in the order in which they were examined, as upstream does.
	Seed uint64
	// BeforePreemption is called before plugins look for victims; nil does nothing.
	BeforePreemption func()
}

// Scheduler schedules the pods that name one of its profiles.
type Scheduler struct {
	scheduler *scheduler.Scheduler
	profiles  map[string]*profile
	store     *store.Store
	recorder  *recorder
	next      *framework.QueuedPodInfo
	ended     chan *Attempt

	beforePreemption func()
}

// gates set the features that would make results depend on the time that attempts take.
var gates = sync.OnceValue(func() error {
	return utilfeature.DefaultMutableFeatureGate.SetFromMap(map[string]bool{
		string(features.SchedulerAsyncPreemption): false,
		string(features.OpportunisticBatching):    false,
	})
})

// New builds the profiles of a configuration. They read the store from then on.
//
// It returns an error for plugins that do not exist and for arguments that a plugin refuses.
func New(ctx context.Context, options Options) (*Scheduler, error) {
	if err := gates(); err != nil {
		return nil, err
	}
	s := &Scheduler{profiles: map[string]*profile{}, store: options.Store, recorder: &recorder{}, ended: make(chan *Attempt, 1), beforePreemption: options.BeforePreemption}
	environment := options.Environment
	environment.Explanations = &explain.Book{}
	set := environment.Set()
	var err error
	s.scheduler, err = scheduler.New(ctx, options.Store.Client(), options.Store.Factory(), nil,
		func(string) events.EventRecorderLogger { return environment.Explanations.Recorder(s.recorder) },
		scheduler.WithProfiles(options.Config.Profiles...),
		scheduler.WithFrameworkOutOfTreeRegistry(set.Registry),
		scheduler.WithPercentageOfNodesToScore(options.Config.PercentageOfNodesToScore),
		scheduler.WithParallelism(min(options.Config.Parallelism, int32(runtime.GOMAXPROCS(0)))),
		scheduler.WithExtenders(options.Config.Extenders...))
	if err != nil {
		return nil, err
	}
	s.scheduler.NextPod = func(klog.Logger) (*framework.QueuedPodInfo, error) { return s.next, nil }
	set.Attach(s.scheduler)
	for name, built := range s.scheduler.Profiles {
		wrapped := newProfile(built, options.Seed, s)
		s.profiles[name] = wrapped
		s.scheduler.Profiles[name] = wrapped
	}
	s.scheduler.FailureHandler = s.failed
	return s, nil
}

// Schedules reports whether a profile has this scheduler name.
func (s *Scheduler) Schedules(name string) bool { return s.profiles[name] != nil }

// Names returns the scheduler names of the profiles.
func (s *Scheduler) Names() []string {
	names := make([]string, 0, len(s.profiles))
	for name := range s.profiles {
		names = append(names, name)
	}
	return names
}

// Schedule runs one scheduling cycle, and the binding cycle if the pod has a node.
//
// The pod must be in the store, without a node. The caller puts it there with its node, and removes the victims that
// the store has recorded.
func (s *Scheduler) Schedule(ctx context.Context, pod *corev1.Pod) *Attempt {
	info, err := framework.NewPodInfo(pod)
	if err != nil {
		return &Attempt{Err: err}
	}
	s.next = &framework.QueuedPodInfo{PodInfo: info, Timestamp: pod.CreationTimestamp.Time, Attempts: 1}
	s.recorder.note = ""
	used := s.profiles[pod.Spec.SchedulerName]
	if used == nil {
		return &Attempt{Err: fmt.Errorf("no scheduler has a profile %q", pod.Spec.SchedulerName)}
	}
	used.scores = nil
	s.scheduler.ScheduleOne(ctx)
	attempt := <-s.ended
	attempt.Scores = used.scores
	attempt.Why = s.recorder.note
	return attempt
}

func (s *Scheduler) failed(ctx context.Context, _ framework.Framework, info *framework.QueuedPodInfo, status *fwk.Status, nominating *fwk.NominatingInfo, _ time.Time) {
	s.scheduler.SchedulingQueue.Done(info.Pod.UID)
	s.scheduler.SchedulingQueue.AddNominatedPod(klog.FromContext(ctx), info.PodInfo, nominating)
	attempt := &Attempt{Err: status.AsError()}
	if attempt.Err == nil {
		attempt.Err = fmt.Errorf("%s", status.Message())
	}
	if nominating != nil && nominating.Mode() == fwk.ModeOverride {
		attempt.Nominated = nominating.NominatedNodeName
	}
	s.ended <- attempt
}

// Forget removes the nomination of a pod that does not exist any more.
func (s *Scheduler) Forget(pod *corev1.Pod) {
	s.scheduler.SchedulingQueue.DeleteNominatedPodIfExists(pod)
}
