package admission

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func pod(change func(*corev1.Pod)) *corev1.Pod {
	made := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "web"}}},
	}
	change(made)
	return made
}

func list(cpu string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu)}
}

var world = Context{
	LimitRanges: []*corev1.LimitRange{{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "defaults"},
		Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{{
			Type: corev1.LimitTypeContainer, DefaultRequest: list("200m"), Default: list("400m"), Max: list("2"),
		}}},
	}},
	PriorityClasses: []*schedulingv1.PriorityClass{
		{ObjectMeta: metav1.ObjectMeta{Name: "usual"}, Value: 10, GlobalDefault: true},
		{ObjectMeta: metav1.ObjectMeta{Name: "high"}, Value: 1000},
	},
}

func TestAdmissionFillsInDefaults(t *testing.T) {
	for name, each := range map[string]struct {
		change func(*corev1.Pod)
		cpu    string
		value  int32
	}{
		"the LimitRange's request and the global default class": {func(*corev1.Pod) {}, "200m", 10},
		"another namespace has no LimitRange":                   {func(p *corev1.Pod) { p.Namespace = "other" }, "0", 10},
		"a limit without a request is the request": {func(p *corev1.Pod) {
			p.Spec.Containers[0].Resources.Limits = list("1500m")
		}, "1500m", 10},
		"a named class":     {func(p *corev1.Pod) { p.Spec.PriorityClassName = "high" }, "200m", 1000},
		"a class of system": {func(p *corev1.Pod) { p.Spec.PriorityClassName = "system-node-critical" }, "200m", 2000001000},
	} {
		t.Run(name, func(t *testing.T) {
			made := pod(each.change)
			if err := world.Admit(made); err != nil {
				t.Fatal(err)
			}
			if got := made.Spec.Containers[0].Resources.Requests.Cpu(); got.Cmp(resource.MustParse(each.cpu)) != 0 {
				t.Errorf("requests %s, want %s", got, each.cpu)
			}
			if *made.Spec.Priority != each.value {
				t.Errorf("priority %d, want %d", *made.Spec.Priority, each.value)
			}
			if made.Spec.SchedulerName != corev1.DefaultSchedulerName {
				t.Errorf("scheduler %q", made.Spec.SchedulerName)
			}
			if len(made.Spec.Tolerations) != 2 || *made.Spec.Tolerations[0].TolerationSeconds != 300 {
				t.Errorf("tolerations %v", made.Spec.Tolerations)
			}
		})
	}
}

func TestATolerationOfTheLossIsKept(t *testing.T) {
	made := pod(func(p *corev1.Pod) {
		p.Spec.Tolerations = []corev1.Toleration{{Operator: corev1.TolerationOpExists}}
	})
	if err := world.Admit(made); err != nil || len(made.Spec.Tolerations) != 1 {
		t.Errorf("%v %v", made.Spec.Tolerations, err)
	}
}

func TestAdmissionRefusesWhatTheAPIServerRefuses(t *testing.T) {
	for want, change := range map[string]func(*corev1.Pod){
		`no PriorityClass with name "gone" was found`: func(p *corev1.Pod) { p.Spec.PriorityClassName = "gone" },
		"maximum cpu usage per Container is 2":        func(p *corev1.Pod) { p.Spec.Containers[0].Resources.Limits = list("3") },
		"must be less than or equal to cpu limit": func(p *corev1.Pod) {
			p.Spec.Containers[0].Resources = corev1.ResourceRequirements{Requests: list("2"), Limits: list("1")}
		},
	} {
		if err := world.Admit(pod(change)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
