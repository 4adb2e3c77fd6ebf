package pods

import (
	"fmt"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	kubetesting "k8s.io/client-go/testing"
)

// The volume that the API server adds to every pod with a service account.
func TestAPodGetsTheTokenThatTheKubeletWouldMount(t *testing.T) {
	client := fake.NewClientset(&corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: "agents", Name: "kube-root-ca.crt"}, Data: map[string]string{"ca.crt": "certificate"},
	})
	var requests []*authenticationv1.TokenRequest
	client.PrependReactor("create", "serviceaccounts", func(action kubetesting.Action) (bool, kruntime.Object, error) {
		request := action.(kubetesting.CreateAction).GetObject().(*authenticationv1.TokenRequest).DeepCopy()
		requests = append(requests, request)
		request.Status.Token = fmt.Sprint("token-", len(requests))
		return true, request, nil
	})
	i := &instance{
		runner: &Runner{client: client},
		pod: &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: "agents", Name: "pod", UID: "u"}, Spec: corev1.PodSpec{ServiceAccountName: "agent"},
		},
	}
	lifetime := int64(3607)
	source := corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
		{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{Path: "token", ExpirationSeconds: &lifetime}},
		{ConfigMap: &corev1.ConfigMapProjection{
			LocalObjectReference: corev1.LocalObjectReference{Name: "kube-root-ca.crt"}, Items: []corev1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}},
		}},
		{DownwardAPI: &corev1.DownwardAPIProjection{Items: []corev1.DownwardAPIVolumeFile{
			{Path: "namespace", FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.namespace"}},
		}}},
	}}}
	expect := func(token string) {
		t.Helper()
		files, err := i.volumeFiles(t.Context(), source)
		if err != nil || len(files) != 3 || string(files["token"]) != token || string(files["ca.crt"]) != "certificate" || string(files["namespace"]) != "agents" {
			t.Errorf("got %s, %v, want %s", files, err, token)
		}
	}
	expect("token-1")
	expect("token-1")
	bound, spec := requests[0].Spec.BoundObjectRef, requests[0].Spec
	if bound == nil || bound.Kind != "Pod" || bound.Name != "pod" || bound.UID != "u" || *spec.ExpirationSeconds != lifetime || len(spec.Audiences) != 0 {
		t.Errorf("got %+v", spec)
	}
	for key, issued := range i.tokens {
		issued.at = issued.at.Add(-key.lifetime/2 - time.Second)
		i.tokens[key] = issued
	}
	expect("token-2")
}
