package pods

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/skerry-dev/skerry/runtime/internal/lab/process"
	"github.com/skerry-dev/skerry/runtime/internal/lab/programs"
)

const (
	defaultGrace = 30 * time.Second
	// Mounted ConfigMaps and Secrets follow their objects within this time, as the kubelet's do within about a minute.
	refresh = 10 * time.Second
	// A pod that cannot be set up (a Secret is missing) is tried again after this time.
	setupPause = 2 * time.Second
)

// instance is one pod that runs.
type instance struct {
	runner  *Runner
	key     string
	pod     *corev1.Pod
	address string
	cancel  context.CancelFunc
	ended   chan struct{}

	// changed asks for a report of the status.
	changed chan struct{}

	mutex      sync.Mutex
	containers []*container
	started    time.Time
	ready      bool
	readySince time.Time
}

// container is one of a pod's programs.
type container struct {
	spec   corev1.Container
	keeper *process.Keeper
	// before is how often it was restarted before this instance.
	before int32
	ready  bool
	log    *process.Log
}

func start(ctx context.Context, runner *Runner, key string, pod *corev1.Pod) *instance {
	ctx, cancel := context.WithCancel(ctx)
	i := &instance{runner: runner, key: key, pod: pod, cancel: cancel, ended: make(chan struct{}), changed: make(chan struct{}, 1), started: time.Now()}
	go func() {
		defer close(i.ended)
		defer i.unregister()
		for ctx.Err() == nil {
			err := i.run(ctx)
			if err == nil || ctx.Err() != nil {
				return
			}
			i.reportWaiting(ctx, err)
			select {
			case <-ctx.Done():
			case <-time.After(setupPause):
			}
		}
	}()
	return i
}

// run sets the pod up and keeps its containers until the context ends. An error means that it could not be set up.
func (i *instance) run(ctx context.Context) error {
	address, err := i.runner.Addresses.Take(string(i.pod.UID))
	if err != nil {
		return err
	}
	i.address = address
	i.pod.Status.PodIP = address
	folder := i.runner.podFolder(i.pod.UID)
	if err := i.writeVolumes(ctx, folder); err != nil {
		return err
	}
	if err := i.writeCredentials(ctx, folder); err != nil {
		return err
	}
	var containers []*container
	for _, spec := range i.pod.Spec.Containers {
		made, err := i.newContainer(ctx, folder, spec)
		if err != nil {
			return err
		}
		containers = append(containers, made)
	}
	i.mutex.Lock()
	i.containers = containers
	i.mutex.Unlock()
	var wait sync.WaitGroup
	wait.Add(1)
	go func() { defer wait.Done(); i.report(ctx) }()
	for _, each := range i.containers {
		wait.Add(3)
		go func() { defer wait.Done(); each.keeper.Run(ctx) }()
		go func() { defer wait.Done(); each.limitMemory(ctx) }()
		go func() { defer wait.Done(); i.probe(ctx, each) }()
	}
	go i.refresh(ctx, folder)
	wait.Wait()
	return nil
}

func (i *instance) newContainer(ctx context.Context, folder string, spec corev1.Container) (*container, error) {
	program, _ := programs.For(spec.Image)
	binary := filepath.Join(i.runner.Tools, program)
	if _, err := os.Stat(binary); err != nil {
		return nil, fmt.Errorf("image %s runs as %s, which is not there", spec.Image, binary)
	}
	root := filepath.Join(folder, "roots", spec.Name)
	if err := i.mount(folder, root, spec); err != nil {
		return nil, err
	}
	environment, err := i.environment(ctx, folder, spec)
	if err != nil {
		return nil, err
	}
	log, err := process.OpenLog(filepath.Join(i.runner.Logs, fmt.Sprintf("%s-%s-%s.log", i.runner.Cluster, i.pod.Name, spec.Name)))
	if err != nil {
		return nil, err
	}
	working := filepath.Join(root, spec.WorkingDir)
	if err := os.MkdirAll(working, 0o700); err != nil {
		return nil, err
	}
	made := &container{spec: spec, log: log, before: restartsBefore(i.pod, spec.Name)}
	grace := defaultGrace
	if seconds := i.pod.Spec.TerminationGracePeriodSeconds; seconds != nil {
		grace = time.Duration(*seconds) * time.Second
	}
	made.keeper = &process.Keeper{
		Grace: grace,
		Command: func() (*exec.Cmd, error) {
			command := exec.Command(binary, arguments(spec, environment)...)
			command.Dir, command.Env = working, environment.list()
			command.Stdout, command.Stderr = log, log
			return command, nil
		},
		Changed: func(status process.Status) {
			i.mutex.Lock()
			made.ready = false
			i.mutex.Unlock()
			i.register(made, status)
			i.reportStatus()
		},
	}
	return made, nil
}

// arguments are the container's, without its entry point: the program takes that place.
func arguments(spec corev1.Container, environment environment) []string {
	words := spec.Args
	if len(spec.Command) > 0 {
		words = append(append([]string{}, spec.Command[1:]...), spec.Args...)
	}
	expanded := make([]string, len(words))
	for i, word := range words {
		expanded[i] = environment.expand(word)
	}
	return expanded
}

// restartsBefore counts the starts that the pod's status tells of: a pod found running was started by a lab that ended.
func restartsBefore(pod *corev1.Pod, name string) int32 {
	for _, status := range pod.Status.ContainerStatuses {
		if status.Name == name && status.ContainerID != "" {
			return status.RestartCount + 1
		}
	}
	return 0
}

// refresh keeps mounted files and credentials fresh.
func (i *instance) refresh(ctx context.Context, folder string) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(refresh):
		}
		if err := i.writeVolumes(ctx, folder); err != nil && ctx.Err() == nil {
			i.runner.Logger.Warn("volumes not refreshed", "cluster", i.runner.Cluster, "pod", i.key, "problem", err.Error())
		}
		if err := i.writeCredentials(ctx, folder); err != nil && ctx.Err() == nil {
			i.runner.Logger.Warn("credentials not refreshed", "cluster", i.runner.Cluster, "pod", i.key, "problem", err.Error())
		}
	}
}

func (i *instance) registryKey(c *container) string {
	return i.runner.Cluster + "/" + string(i.pod.UID) + "/" + c.spec.Name
}

func (i *instance) register(c *container, status process.Status) {
	state := "waiting"
	if status.Running {
		state = "running"
	}
	i.runner.Registry.put(i.registryKey(c), Process{
		Cluster: i.runner.Cluster, Namespace: i.pod.Namespace, Pod: i.pod.Name, Container: c.spec.Name, Image: c.spec.Image,
		PID: status.PID, State: state, Restarts: int(c.before) + status.Restarts, LogFile: c.log.Path(),
	})
}

func (i *instance) unregister() {
	for _, c := range i.containers {
		i.runner.Registry.drop(i.registryKey(c))
	}
}
