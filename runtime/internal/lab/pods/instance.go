package pods

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/skerry-dev/skerry/runtime/internal/lab/process"
	"github.com/skerry-dev/skerry/runtime/internal/lab/sandbox"
)

const (
	defaultGracePeriod = 30 * time.Second
	// refreshInterval is the interval at which mounted ConfigMaps and Secrets are updated. The kubelet takes about a minute.
	refreshInterval = 10 * time.Second
	// setupRetryInterval is the time until the setup of a pod is retried, for example because a Secret is missing.
	setupRetryInterval = 2 * time.Second
)

// instance is a running pod.
type instance struct {
	runner  *Runner
	key     string
	pod     *corev1.Pod
	address string
	cancel  context.CancelFunc
	ended   chan struct{}
	// tokens are the latest tokens of the pod.
	tokens map[tokenKey]issuedToken

	// changed requests a status update.
	changed chan struct{}

	mutex      sync.Mutex
	containers []*container
	started    time.Time
	ready      bool
	readySince time.Time
}

// container is a container that runs as a process.
type container struct {
	spec   corev1.Container
	keeper *process.Keeper
	// previousRestarts is the number of restarts before this instance.
	previousRestarts int32
	ready            bool
	log              *process.Log
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
			case <-time.After(setupRetryInterval):
			}
		}
	}()
	return i
}

// run sets up the pod and runs its containers until the context ends. It returns an error if the setup failed.
func (i *instance) run(ctx context.Context) error {
	address, err := i.runner.Addresses.Allocate(string(i.pod.UID))
	if err != nil {
		return err
	}
	i.address = address
	i.pod.Status.PodIP = address
	dir := i.runner.podDir(i.pod.UID)
	if err := i.writeVolumes(ctx, dir); err != nil {
		return err
	}
	if err := i.writeCredentials(ctx, dir); err != nil {
		return err
	}
	if i.pod.Spec.RestartPolicy == corev1.RestartPolicyNever {
		return i.runToCompletion(ctx, dir)
	}
	var machine *machine
	if i.runner.Programs.RunsNodeAgent(i.pod) {
		if machine, err = i.newMachine(dir); err != nil {
			return err
		}
	}
	var containers []*container
	for _, spec := range i.pod.Spec.Containers {
		container, err := i.newContainer(ctx, dir, spec)
		if err != nil {
			return err
		}
		containers = append(containers, container)
	}
	var wait sync.WaitGroup
	if machine != nil {
		relay, err := i.newProbeRelay()
		if err != nil {
			return err
		}
		wait.Go(func() { relay.Run(ctx) })
		wait.Go(func() { machine.run(ctx) })
	}
	i.mutex.Lock()
	i.containers = containers
	i.mutex.Unlock()
	wait.Add(1)
	go func() { defer wait.Done(); i.report(ctx) }()
	for _, c := range i.containers {
		wait.Add(3)
		go func() { defer wait.Done(); c.keeper.Run(ctx) }()
		go func() { defer wait.Done(); c.limitMemory(ctx) }()
		go func() { defer wait.Done(); i.probe(ctx, c) }()
	}
	go i.refresh(ctx, dir)
	go i.refreshHosts(ctx, dir)
	wait.Wait()
	return nil
}

func (i *instance) newContainer(ctx context.Context, dir string, spec corev1.Container) (*container, error) {
	prepared, err := i.prepare(ctx, dir, spec)
	if err != nil {
		return nil, err
	}
	c := &container{spec: spec, log: prepared.log, previousRestarts: countRestarts(i.pod, spec.Name)}
	c.keeper = &process.Keeper{
		GracePeriod: i.gracePeriod(),
		Command:     prepared.command,
		OnChange: func(status process.Status) {
			i.mutex.Lock()
			c.ready = false
			i.mutex.Unlock()
			i.register(c, status)
			i.requestReport()
		},
	}
	return c, nil
}

// preparedContainer is what the process of a container needs.
type preparedContainer struct {
	program, dir      string
	args, environment []string
	log               *process.Log
	// sandbox is the sandbox of the program, without the program. It is nil for programs that have none.
	sandbox     *sandbox.Spec
	user, group int
}

// prepare creates the root directory of a container.
func (i *instance) prepare(ctx context.Context, dir string, spec corev1.Container) (preparedContainer, error) {
	none := preparedContainer{}
	root := filepath.Join(dir, "roots", spec.Name)
	if err := os.MkdirAll(root, 0o700); err != nil {
		return none, err
	}
	program, _ := i.runner.Programs.Find(spec.Image)
	if !program.Sandboxed {
		if err := i.mount(dir, root, spec); err != nil {
			return none, err
		}
	}
	environment, err := i.environment(ctx, dir, spec)
	if err != nil {
		return none, err
	}
	path, args, err := i.commandLine(root, spec, environment)
	if err != nil {
		return none, err
	}
	log, err := process.OpenLog(filepath.Join(i.runner.LogsDir, fmt.Sprintf("%s-%s-%s.log", i.runner.Cluster, i.pod.Name, spec.Name)))
	if err != nil {
		return none, err
	}
	prepared := preparedContainer{program: path, args: args, environment: environment.list(), log: log}
	if program.Sandboxed {
		prepared.user, prepared.group = i.user(spec)
		sandboxed := i.sandboxOf(dir, root, spec)
		prepared.sandbox = &sandboxed
		return prepared, i.writeHosts(dir)
	}
	prepared.dir = filepath.Join(root, spec.WorkingDir)
	return prepared, os.MkdirAll(prepared.dir, 0o700)
}

func (i *instance) gracePeriod() time.Duration {
	if seconds := i.pod.Spec.TerminationGracePeriodSeconds; seconds != nil {
		return time.Duration(*seconds) * time.Second
	}
	return defaultGracePeriod
}

// arguments returns the arguments of a container. The program replaces its entry point.
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

// countRestarts returns the number of restarts from the pod's status. A container that has an ID was started by an earlier
// run of the lab.
func countRestarts(pod *corev1.Pod, name string) int32 {
	for _, status := range pod.Status.ContainerStatuses {
		if status.Name == name && status.ContainerID != "" {
			return status.RestartCount + 1
		}
	}
	return 0
}

// refresh updates mounted files and credentials periodically.
func (i *instance) refresh(ctx context.Context, dir string) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(refreshInterval):
		}
		if err := i.writeVolumes(ctx, dir); err != nil && ctx.Err() == nil {
			i.runner.Logger.Warn("failed to refresh volumes", "cluster", i.runner.Cluster, "pod", i.key, "err", err)
		}
		if err := i.writeCredentials(ctx, dir); err != nil && ctx.Err() == nil {
			i.runner.Logger.Warn("failed to refresh credentials", "cluster", i.runner.Cluster, "pod", i.key, "err", err)
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
		PID: status.PID, State: state, Restarts: int(c.previousRestarts) + status.Restarts, LogFile: c.log.Path(),
	})
}

func (i *instance) unregister() {
	for _, c := range i.containers {
		i.runner.Registry.remove(i.registryKey(c))
	}
}
