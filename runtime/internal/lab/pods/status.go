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

// reportStatus has the reporter tell the API how the pod stands now.
func (i *instance) reportStatus() {
	select {
	case i.changed <- struct{}{}:
	default: // It is to be told already.
	}
}

const (
	// A report that the API did not take is made again after this time.
	reportPause = 500 * time.Millisecond
	// Failures in a row after which the log says so.
	reportWorry = 10
	// Without a change the status is told again after this time, in case somebody else wrote it.
	reportResync = 30 * time.Second
)

// report tells the API how the pod stands: one report after the other, so that no old one lands on a newer one, and each
// until it was taken.
func (i *instance) report(ctx context.Context) {
	for failures := 0; ; {
		pause := reportResync
		if failures > 0 {
			pause = reportPause
		}
		select {
		case <-ctx.Done():
			return
		case <-i.changed:
		case <-time.After(pause):
		}
		switch err := i.patch(ctx, i.status()); {
		case err == nil:
			failures = 0
		case apierrors.IsNotFound(err) || ctx.Err() != nil:
			return
		default:
			if failures++; failures == reportWorry {
				i.runner.Logger.Warn("status not reported", "cluster", i.runner.Cluster, "pod", i.key, "problem", err.Error())
			}
		}
	}
}

// status is how the pod stands.
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

// reportWaiting tells the API why the pod cannot be set up. It is told again with the next try.
func (i *instance) reportWaiting(ctx context.Context, problem error) {
	status := corev1.PodStatus{Phase: corev1.PodPending}
	for _, spec := range i.pod.Spec.Containers {
		status.ContainerStatuses = append(status.ContainerStatuses, corev1.ContainerStatus{
			Name: spec.Name, Image: spec.Image,
			State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CreateContainerConfigError", Message: problem.Error()}},
		})
	}
	status.Conditions = []corev1.PodCondition{
		condition(corev1.ContainersReady, false, i.started), condition(corev1.PodReady, false, i.started),
	}
	if err := i.patch(ctx, status); err != nil && ctx.Err() == nil {
		i.runner.Logger.Warn("status not reported", "cluster", i.runner.Cluster, "pod", i.key, "problem", err.Error())
	}
}

func condition(kind corev1.PodConditionType, good bool, since time.Time) corev1.PodCondition {
	status := corev1.ConditionFalse
	if good {
		status = corev1.ConditionTrue
	}
	return corev1.PodCondition{Type: kind, Status: status, LastTransitionTime: metav1.NewTime(since)}
}

func (c *container) status(uid types.UID) corev1.ContainerStatus {
	kept := c.keeper.Status()
	started := kept.Running
	result := corev1.ContainerStatus{
		Name: c.spec.Name, Image: c.spec.Image, ImageID: c.spec.Image, Ready: c.ready, Started: &started,
		RestartCount: c.before + int32(kept.Restarts),
		ContainerID:  fmt.Sprintf("process://%s/%s", uid, c.spec.Name),
	}
	if kept.Last != nil {
		result.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{
			ExitCode: int32(kept.Last.Code), Reason: exitReason(kept.Last), ContainerID: result.ContainerID,
			StartedAt: metav1.NewTime(kept.Last.Started), FinishedAt: metav1.NewTime(kept.Last.Finished),
		}
	}
	if kept.Running {
		result.State.Running = &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(kept.Started)}
	} else {
		result.State.Waiting = &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff", Message: kept.Problem}
	}
	return result
}

// exitReason is the kubelet's word for how a container ended.
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
