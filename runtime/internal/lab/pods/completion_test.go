package pods

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	kubetesting "k8s.io/client-go/testing"

	"github.com/skerry-dev/skerry/runtime/internal/lab/programs"
)

const upgradeImage = "docker.io/rancher/k3s-upgrade:v1.36.3-k3s1"

// testMachines are machines whose K3s runs or not.
type testMachines struct{ runs atomic.Bool }

func (m *testMachines) RunsK3s(string) bool { return m.runs.Load() }

// testJob is a pod that runs to its end. Each script is a container; all but the last are init containers.
type testJob struct {
	instance *instance
	machines *testMachines
	dir      string
	last     atomic.Pointer[corev1.PodStatus]
}

func newJob(t *testing.T, scripts ...string) *testJob {
	t.Helper()
	job := &testJob{machines: &testMachines{}, dir: t.TempDir()}
	job.machines.runs.Store(true)
	client := fake.NewClientset()
	client.PrependReactor("patch", "pods", func(action kubetesting.Action) (bool, kruntime.Object, error) {
		var pod corev1.Pod
		if err := json.Unmarshal(action.(kubetesting.PatchAction).GetPatch(), &pod); err != nil {
			t.Error(err)
		}
		job.last.Store(&pod.Status)
		return true, &pod, nil
	})
	var containers []corev1.Container
	for index, script := range scripts {
		containers = append(containers, corev1.Container{
			Name: string(rune('a' + index)), Image: upgradeImage, Command: []string{"/bin/sh", "-c"}, Args: []string{script},
			Env: []corev1.EnvVar{{Name: "OUT", Value: filepath.Join(job.dir, "out")}},
		})
	}
	last := len(containers) - 1
	job.instance = &instance{
		runner: &Runner{
			Programs: programs.NewTable(nil),
			Cluster:  "test", LogsDir: job.dir, PodsDir: job.dir, client: client, Machines: job.machines, Logger: slog.New(slog.DiscardHandler),
		},
		pod: &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: "pod", Namespace: "default", UID: "1"},
			Spec: corev1.PodSpec{
				NodeName: "node", RestartPolicy: corev1.RestartPolicyNever, InitContainers: containers[:last], Containers: containers[last:],
			},
		},
		started: time.Now(),
	}
	return job
}

func (j *testJob) output(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(j.dir, "out"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(content)), " ")
}

func TestContainersOfAJobRunOneAfterAnother(t *testing.T) {
	job := newJob(t, `echo prepare >>"$OUT"`, `echo drain >>"$OUT"`, `echo upgrade >>"$OUT"`)
	if err := job.instance.runToCompletion(t.Context(), job.dir); err != nil {
		t.Fatal(err)
	}
	if got := job.output(t); got != "prepare drain upgrade" {
		t.Errorf("got %q", got)
	}
	if status := job.last.Load(); status.Phase != corev1.PodSucceeded || len(status.InitContainerStatuses) != 2 || len(status.ContainerStatuses) != 1 {
		t.Errorf("got %+v", status)
	}
}

func TestTheFirstFailedContainerEndsItsPod(t *testing.T) {
	job := newJob(t, "exit 3", `echo upgrade >>"$OUT"`)
	if err := job.instance.runToCompletion(t.Context(), job.dir); err != nil {
		t.Fatal(err)
	}
	status := job.last.Load()
	if status.Phase != corev1.PodFailed || status.InitContainerStatuses[0].State.Terminated.ExitCode != 3 || job.output(t) != "" {
		t.Errorf("got %+v, output %q", status, job.output(t))
	}
}

func TestAPodIsReportedOnlyWhileK3sRuns(t *testing.T) {
	job := newJob(t, `while [ ! -e "$OUT" ]; do sleep 0.05; done`)
	ended := make(chan error, 1)
	go func() { ended <- job.instance.runToCompletion(t.Context(), job.dir) }()
	for job.last.Load() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	job.machines.runs.Store(false)
	if err := os.WriteFile(filepath.Join(job.dir, "out"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		t.Fatalf("the pod was reported while no kubelet ran: %+v, %v", job.last.Load(), err)
	case <-time.After(3 * kubeletCheckInterval):
	}
	job.machines.runs.Store(true)
	if err := <-ended; err != nil || job.last.Load().Phase != corev1.PodSucceeded {
		t.Errorf("got %+v, %v", job.last.Load(), err)
	}
}

func TestAStoppedPodEndsItsContainer(t *testing.T) {
	job := newJob(t, `trap 'echo stopped >>"$OUT"; exit 143' TERM; sleep 30 & wait`)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- job.instance.runToCompletion(ctx, job.dir) }()
	for job.last.Load() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(200 * time.Millisecond)
	cancel()
	<-ended
	if got := job.output(t); got != "stopped" {
		t.Errorf("got %q", got)
	}
}

func TestPathsOfTheUpgradeImageAreThoseOfTheLab(t *testing.T) {
	job := newJob(t, "/opt/k3s kubectl get nodes; exec /bin/upgrade.sh prepare k3s-servers")
	spec := job.instance.pod.Spec.Containers[0]
	root := t.TempDir()
	program, args, err := job.instance.commandLine(root, spec, environment{})
	if err != nil {
		t.Fatal(err)
	}
	if want := root + "/opt/k3s kubectl get nodes; exec " + root + "/bin/upgrade.sh prepare k3s-servers"; program != "/bin/sh" || args[1] != want {
		t.Errorf("got %s %q, want %q", program, args, want)
	}
	spec.Command, spec.Args = nil, nil
	if program, args, err = job.instance.commandLine(root, spec, environment{}); err != nil || program != root+"/bin/upgrade.sh" || args[0] != "upgrade" {
		t.Errorf("got %s %q, %v", program, args, err)
	}
	script, err := os.ReadFile(root + "/bin/upgrade.sh")
	if err != nil || !strings.Contains(string(script), `--version "v1.36.3+k3s1"`) {
		t.Errorf("got %s, %v", script, err)
	}
}
