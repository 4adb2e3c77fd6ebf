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
)

// reportStatus tells the API how the pod stands. What cannot be told now is told at the next change or resync.
func (i *instance) reportStatus(ctx context.Context) {
	i.mutex.Lock()
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
	i.mutex.Unlock()
	status.Conditions = []corev1.PodCondition{
		condition(corev1.PodInitialized, true), condition(corev1.ContainersReady, ready), condition(corev1.PodReady, ready),
	}
	i.patch(ctx, status)
}

// reportWaiting tells the API why the pod cannot be set up.
func (i *instance) reportWaiting(ctx context.Context, problem error) {
	status := corev1.PodStatus{Phase: corev1.PodPending}
	for _, spec := range i.pod.Spec.Containers {
		status.ContainerStatuses = append(status.ContainerStatuses, corev1.ContainerStatus{
			Name: spec.Name, Image: spec.Image,
			State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CreateContainerConfigError", Message: problem.Error()}},
		})
	}
	status.Conditions = []corev1.PodCondition{condition(corev1.ContainersReady, false), condition(corev1.PodReady, false)}
	i.patch(ctx, status)
}

func condition(kind corev1.PodConditionType, good bool) corev1.PodCondition {
	status := corev1.ConditionFalse
	if good {
		status = corev1.ConditionTrue
	}
	return corev1.PodCondition{Type: kind, Status: status, LastTransitionTime: metav1.Now()}
}

func (c *container) status(uid types.UID) corev1.ContainerStatus {
	kept := c.keeper.Status()
	started := kept.Running
	result := corev1.ContainerStatus{
		Name: c.spec.Name, Image: c.spec.Image, ImageID: c.spec.Image, Ready: c.ready, Started: &started,
		RestartCount: c.before + int32(kept.Restarts),
		ContainerID:  fmt.Sprintf("process://%s/%s", uid, c.spec.Name),
	}
	if kept.Running {
		result.State.Running = &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(kept.Started)}
	} else {
		result.State.Waiting = &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff", Message: kept.Problem}
	}
	return result
}

// Tries of one report, against an API server that is just starting again.
const (
	patchTries = 5
	patchPause = 500 * time.Millisecond
)

func (i *instance) patch(ctx context.Context, status corev1.PodStatus) {
	body, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": i.pod.UID}, "status": status})
	if err != nil {
		return
	}
	for range patchTries {
		_, err = i.runner.client.CoreV1().Pods(i.pod.Namespace).Patch(ctx, i.pod.Name, types.StrategicMergePatchType, body,
			metav1.PatchOptions{FieldManager: "kubelet"}, "status")
		if err == nil || apierrors.IsNotFound(err) || apierrors.IsConflict(err) || ctx.Err() != nil {
			return
		}
		time.Sleep(patchPause)
	}
	i.runner.Logger.Warn("status not reported", "cluster", i.runner.Cluster, "pod", i.key, "problem", err.Error())
}
