package store

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
)

func pod(name, node string) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name}, Spec: corev1.PodSpec{NodeName: node}}
}

// follow records the events that a scheduler would see.
func follow(t *testing.T, s *Store) *[]string {
	t.Helper()
	events := &[]string{}
	note := func(what string, object any) {
		*events = append(*events, fmt.Sprintf("%s %s@%s", what, object.(*corev1.Pod).Name, object.(*corev1.Pod).Spec.NodeName))
	}
	_, err := s.Factory().Core().V1().Pods().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { note("add", object) },
		UpdateFunc: func(_, object any) { note("update", object) },
		DeleteFunc: func(object any) { note("delete", object) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func TestSchedulersSeeAPodOnceItHasANode(t *testing.T) {
	s := New()
	events := follow(t, s)
	s.Put(pod("a", ""))
	s.Put(pod("a", "one"))
	s.Put(pod("a", "one"))
	s.Delete(pod("a", ""))
	s.Put(pod("b", ""))
	s.Delete(pod("b", ""))
	if got := strings.Join(*events, ", "); got != "add a@one, update a@one, delete a@one" {
		t.Errorf("got %s", got)
	}
}

func TestRollbackTakesBackEveryChange(t *testing.T) {
	s := New()
	s.Put(pod("kept", "one"))
	s.Put(pod("waits", ""))
	s.Put(pod("gone", "one"))
	events := follow(t, s)
	*events = nil
	s.Begin()
	s.Delete(pod("gone", ""))
	s.Put(pod("waits", "two"))
	s.Put(pod("new", "two"))
	s.Rollback()
	if got := strings.Join(*events, ", "); got != "delete gone@one, add waits@two, add new@two, delete new@two, delete waits@two, add gone@one" {
		t.Errorf("got %s", got)
	}
	var left []string
	for _, each := range List[*corev1.Pod](s) {
		left = append(left, each.Name+"@"+each.Spec.NodeName)
	}
	if got := strings.Join(left, " "); got != "gone@one kept@one waits@" {
		t.Errorf("got %s", got)
	}
	if listed, err := s.Factory().Core().V1().Pods().Lister().Pods("shop").Get("waits"); err != nil || listed.Spec.NodeName != "" {
		t.Errorf("%v %v", listed, err)
	}
}

func TestTheClientRecordsDeletedPods(t *testing.T) {
	s := New()
	s.Put(pod("a", "one"))
	pods := s.Client().CoreV1().Pods("shop")
	if err := pods.Delete(t.Context(), "a", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := pods.Delete(t.Context(), "b", metav1.DeleteOptions{}); err == nil {
		t.Error("a pod that does not exist was deleted")
	}
	if taken := s.TakeDeleted(); len(taken) != 1 || taken[0].Name != "a" || len(s.TakeDeleted()) != 0 {
		t.Errorf("%v", taken)
	}
}
