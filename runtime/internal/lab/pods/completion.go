package pods

import (
	"context"
	"fmt"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/skerry-dev/skerry/runtime/internal/lab/process"
)

// kubeletCheckInterval is the interval at which a pod that has ended checks whether a kubelet can report it.
const kubeletCheckInterval = 200 * time.Millisecond

// outputDelay is how long the output of a container may follow its end.
const outputDelay = 100 * time.Millisecond

// runToCompletion runs a pod that ends, as those of jobs do: its init containers and then its containers, one after another. The
// first that fails ends the pod.
func (i *instance) runToCompletion(ctx context.Context, dir string) error {
	status := corev1.PodStatus{
		Phase: corev1.PodPending, PodIP: i.address, PodIPs: []corev1.PodIP{{IP: i.address}},
		HostIP: i.address, HostIPs: []corev1.HostIP{{IP: i.address}}, StartTime: &metav1.Time{Time: i.started},
	}
	steps := append(append([]corev1.Container{}, i.pod.Spec.InitContainers...), i.pod.Spec.Containers...)
	for index, spec := range steps {
		statuses := &status.InitContainerStatuses
		if index >= len(i.pod.Spec.InitContainers) {
			status.Phase, statuses = corev1.PodRunning, &status.ContainerStatuses
		}
		prepared, err := i.prepare(ctx, dir, spec)
		if err != nil {
			return err
		}
		started := metav1.Now()
		step := corev1.ContainerStatus{
			Name: spec.Name, Image: spec.Image, ImageID: spec.Image, ContainerID: fmt.Sprintf("process://%s/%s", i.pod.UID, spec.Name),
			State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: started}},
		}
		*statuses = append(*statuses, step)
		if err := i.reportUntilDone(ctx, status); err != nil {
			return err
		}
		code, err := i.runStep(ctx, prepared)
		if err != nil {
			return err
		}
		reason := "Completed"
		if code != 0 {
			reason = "Error"
		}
		step.State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
			ExitCode: int32(code), Reason: reason, ContainerID: step.ContainerID, StartedAt: started, FinishedAt: metav1.Now(),
		}}
		(*statuses)[len(*statuses)-1] = step
		if code != 0 {
			status.Phase = corev1.PodFailed
			return i.reportUntilDone(ctx, status)
		}
	}
	status.Phase = corev1.PodSucceeded
	return i.reportUntilDone(ctx, status)
}

// runStep runs the process of a container to its end, and returns its exit code.
func (i *instance) runStep(ctx context.Context, prepared preparedContainer) (code int, err error) {
	command, err := prepared.command()
	if err != nil {
		return 0, err
	}
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	// All processes of a container end with its first one.
	command.SysProcAttr.Setpgid = true
	command.WaitDelay = outputDelay
	if err := process.Start(command); err != nil {
		return 0, err
	}
	ended := make(chan struct{})
	go func() {
		_ = command.Wait()
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		_ = command.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(i.gracePeriod()):
			_ = command.Process.Kill()
			<-ended
		}
	}
	return process.ExitCode(command.ProcessState), ctx.Err()
}

// reportUntilDone writes the status of the pod. It waits until K3s runs on the machine, because it is the kubelet that reports: an
// upgrade that K3s does not survive never completes.
func (i *instance) reportUntilDone(ctx context.Context, status corev1.PodStatus) error {
	for {
		if i.runner.Machines.RunsK3s(i.pod.Spec.NodeName) {
			if err := i.patch(ctx, status); err == nil || apierrors.IsNotFound(err) {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(kubeletCheckInterval):
		}
	}
}
