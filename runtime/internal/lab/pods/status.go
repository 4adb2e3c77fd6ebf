package pods

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/skerry-dev/skerry/runtime/internal/lab/process"
)

// requestReport requests a status update from the reporter.
func (i *instance) requestReport() {
	select {
	case i.changed <- struct{}{}:
	default: // An update is pending.
	}
}

const (
	// reportRetryInterval is the time until a failed update is retried.
	reportRetryInterval = 500 * time.Millisecond
	// maxSilentFailures is the number of consecutive failures after which one is logged.
	maxSilentFailures = 10
	// reportResync is the interval of updates without a change, in case another client changed the status.
	reportResync = 30 * time.Second
)

// report writes the pod's status to the API, one update at a time, so that no update overwrites a newer one. It retries
// until an update succeeds.
func (i *instance) report(ctx context.Context) {
	for failures := 0; ; {
		delay := reportResync
		if failures > 0 {
			delay = reportRetryInterval
		}
		select {
		case <-ctx.Done():
			return
		case <-i.changed:
		case <-time.After(delay):
		}
		switch err := i.patch(ctx, i.status()); {
		case err == nil:
			failures = 0
		case apierrors.IsNotFound(err) || ctx.Err() != nil:
			return
		default:
			if failures++; failures == maxSilentFailures {
				i.runner.Logger.Warn("failed to update pod status", "cluster", i.runner.Cluster, "pod", i.key, "err", err)
			}
		}
	}
}

// status returns the status of the pod.
func (i *instance) status() corev1.PodStatus {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	status := corev1.PodStatus{
		Phase: corev1.PodRunning, PodIP: i.address, PodIPs: []corev1.PodIP{{IP: i.address}},
		HostIP: i.address, HostIPs: []corev1.HostIP{{IP: i.address}},
		StartTime: &metav1.Time{Time: i.started},
	}
	ready := true
	for _, c := range i.containers {
		ready = ready && c.ready
		status.ContainerStatuses = append(status.ContainerStatuses, c.status(i.pod.UID))
	}
	if ready != i.ready || i.readySince.IsZero() {
		i.ready, i.readySince = ready, time.Now()
	}
	status.Conditions = []corev1.PodCondition{
		condition(corev1.PodInitialized, true, i.started),
		condition(corev1.ContainersReady, ready, i.readySince),
		condition(corev1.PodReady, ready, i.readySince),
	}
	return status
}

// reportWaiting reports why the setup of the pod failed. A failed report is not retried: the next setup reports again.
func (i *instance) reportWaiting(ctx context.Context, setupErr error) {
	status := corev1.PodStatus{Phase: corev1.PodPending}
	for _, spec := range i.pod.Spec.Containers {
		status.ContainerStatuses = append(status.ContainerStatuses, corev1.ContainerStatus{
			Name: spec.Name, Image: spec.Image,
			State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CreateContainerConfigError", Message: setupErr.Error()}},
		})
	}
	status.Conditions = []corev1.PodCondition{
		condition(corev1.ContainersReady, false, i.started), condition(corev1.PodReady, false, i.started),
	}
	if err := i.patch(ctx, status); err != nil && ctx.Err() == nil {
		i.runner.Logger.Warn("failed to update pod status", "cluster", i.runner.Cluster, "pod", i.key, "err", err)
	}
}

func condition(conditionType corev1.PodConditionType, ok bool, since time.Time) corev1.PodCondition {
	status := corev1.ConditionFalse
	if ok {
		status = corev1.ConditionTrue
	}
	return corev1.PodCondition{Type: conditionType, Status: status, LastTransitionTime: metav1.NewTime(since)}
}

func (c *container) status(uid types.UID) corev1.ContainerStatus {
	status := c.keeper.Status()
	started := status.Running
	result := corev1.ContainerStatus{
		Name: c.spec.Name, Image: c.spec.Image, ImageID: c.spec.Image, Ready: c.ready, Started: &started,
		RestartCount: c.previousRestarts + int32(status.Restarts),
		ContainerID:  fmt.Sprintf("process://%s/%s", uid, c.spec.Name),
	}
	if status.LastExit != nil {
		result.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{
			ExitCode: int32(status.LastExit.Code), Reason: exitReason(status.LastExit), ContainerID: result.ContainerID,
			StartedAt: metav1.NewTime(status.LastExit.Started), FinishedAt: metav1.NewTime(status.LastExit.Finished),
		}
	}
	if status.Running {
		result.State.Running = &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(status.Started)}
	} else {
		result.State.Waiting = &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff", Message: status.Problem}
	}
	return result
}

// exitReason returns the termination reason that the kubelet reports.
func exitReason(exit *process.Exit) string {
	switch {
	case exit.OutOfMemory:
		return "OOMKilled"
	case exit.Code == 0:
		return "Completed"
	}
	return "Error"
}

func (i *instance) patch(ctx context.Context, status corev1.PodStatus) error {
	body, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": i.pod.UID}, "status": status})
	if err != nil {
		return err
	}
	_, err = i.runner.client.CoreV1().Pods(i.pod.Namespace).Patch(ctx, i.pod.Name, types.StrategicMergePatchType, body,
		metav1.PatchOptions{FieldManager: "kubelet"}, "status")
	return err
}
