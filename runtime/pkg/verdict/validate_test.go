package verdict

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

func object(t *testing.T, text string) Object {
	t.Helper()
	var parsed Object
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed
}

func newServer(t *testing.T) *Server {
	t.Helper()
	server, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// unserved lists the kinds that have an API and are not validated: subresources, reviews of a caller, read-only kinds, and
// kinds whose feature gate is off.
var unserved = []string{
	"authentication.k8s.io/v1 SelfSubjectReview", "authentication.k8s.io/v1 TokenRequest",
	"authentication.k8s.io/v1 TokenReview", "autoscaling/v1 Scale", "policy/v1 Eviction", "v1 Binding",
	"v1 ComponentStatus", "certificates.k8s.io/v1alpha1 ClusterTrustBundle",
	"certificates.k8s.io/v1beta1 ClusterTrustBundle", "certificates.k8s.io/v1beta1 PodCertificateRequest",
	"scheduling.k8s.io/v1alpha2 PodGroup", "scheduling.k8s.io/v1alpha2 Workload",
	"storagemigration.k8s.io/v1beta1 StorageVersionMigration",
}

// TestEveryKindIsServed compares the kinds with Kubernetes' OpenAPI document.
func TestEveryKindIsServed(t *testing.T) {
	text, err := os.ReadFile("../../../policies/schema/versions/kubernetes-1.36.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct{ Kinds map[string]string }
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	served := map[string]bool{}
	for kind := range newServer(t).endpoints {
		served[kind.GroupVersion().String()+" "+kind.Kind] = true
	}
	for kind := range schema.Kinds {
		if served[kind] == slices.Contains(unserved, kind) {
			t.Errorf("%s: served %v", kind, served[kind])
		}
	}
}

func TestJudge(t *testing.T) {
	server := newServer(t)
	container := `{"name":"main","image":"a"}`
	pod := func(spec string) string {
		return `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{` + spec + `}}`
	}
	for name, each := range map[string]struct {
		object  string
		outcome Outcome
		// Each is a type, a field, a value and a detail that begins so.
		causes []Cause
	}{
		"valid":       {pod(`"containers":[` + container + `]`), Accepted, nil},
		"of no kind":  {`{"apiVersion":"example.com/v1","kind":"None","metadata":{"name":"a"}}`, Unserved, nil},
		"no object":   {`7`, Unserved, nil},
		"privileged":  {pod(`"containers":[{"name":"main","image":"a","securityContext":{"privileged":true}}]`), Accepted, nil},
		"token":       {pod(`"containers":[` + container + `],"volumes":[{"name":"t","projected":{"sources":[{"serviceAccountToken":{"path":"t"}}]}}]`), Accepted, nil},
		"unsupported": {pod(`"restartPolicy":"always","containers":[` + container + `]`), Refused, []Cause{{"FieldValueNotSupported", "spec.restartPolicy", `"always"`, `supported values: "Always", `}}},
		"a number":    {pod(`"containers":[{"name":"main","image":"a","ports":[{"containerPort":70000}]}]`), Refused, []Cause{{"FieldValueInvalid", "spec.containers[0].ports[0].containerPort", "70000", "must be between 1 and 65535"}}},
		"required":    {pod(`"containers":[]`), Refused, []Cause{{"FieldValueRequired", "spec.containers", "", ""}}},
		"duplicate":   {pod(`"containers":[` + container + `,` + container + `]`), Refused, []Cause{{"FieldValueDuplicate", "spec.containers[1].name", `"main"`, ""}}},
		"unknown and duplicate fields, and what is wrong beside them": {
			pod(`"dnsPolicy":"none","contaners":[],"containers":[{"name":"a","name":"b","image":"a"}]`), Refused,
			[]Cause{{UnknownField, "spec.contaners", "", ""}, {DuplicateField, "spec.containers[0].name", "", ""}, {"FieldValueNotSupported", "spec.dnsPolicy", `"none"`, "supported values"}}},
		"overhead without a class": {pod(`"overhead":{"memory":"1Mi"},"containers":[` + container + `]`), Refused, nil},
		"labels of Pod Security": {
			`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a","labels":{"pod-security.kubernetes.io/enforce":"strict"}}}`,
			Refused, []Cause{{"FieldValueInvalid", "metadata.labels[pod-security.kubernetes.io/enforce]", `"strict"`, "must be one of"}}},
		"a node port": {
			`{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"type":"NodePort","ports":[{"port":1,"nodePort":1}]}}`,
			Refused, []Cause{{"FieldValueInvalid", "spec.ports[0].nodePort", "1", "provided port is not in the valid range"}}},
		"addresses of any cluster": {
			`{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"clusterIP":"192.0.2.1","ports":[{"port":1}]}}`,
			Accepted, nil},
	} {
		t.Run(name, func(t *testing.T) {
			// Validate twice, because an object must not leave any state behind.
			for range 2 {
				got := server.Validate(object(t, each.object))
				if got.Outcome != each.outcome || (each.causes != nil && len(got.Causes) != len(each.causes)) {
					t.Fatalf("got %+v", got)
				}
				for index, want := range each.causes {
					cause := got.Causes[index]
					if cause.Type != want.Type || cause.Field != want.Field || cause.Value != want.Value ||
						!strings.HasPrefix(cause.Detail, want.Detail) {
						t.Errorf("got %+v, want %+v", cause, want)
					}
				}
			}
		})
	}
}

func TestSecretsAreNotRevealed(t *testing.T) {
	server := newServer(t)
	for _, fields := range []string{
		`"type":"kubernetes.io/dockerconfigjson","stringData":{".dockerconfigjson":"hunter2"}`,
		`"type":"kubernetes.io/tls","stringData":{"tls.crt":"hunter2"}`,
		`"data":{"password":"hunter2"}`,
		`"stringData":{"not a key":"hunter2"}`,
		`"stringData":{"password":["hunter2"]}`,
		`"stringData":"hunter2"`,
		`"type":7,"stringData":{"password":"hunter2"}`,
	} {
		verdict := server.Validate(object(t, `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},`+fields+`}`))
		text, err := json.Marshal(verdict)
		if err != nil {
			t.Fatal(err)
		}
		if verdict.Outcome != Refused || strings.Contains(string(text), "hunter2") || strings.Contains(string(text), "'h'") {
			t.Errorf("%s: %s", fields, text)
		}
	}
}

const definition = `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
"metadata":{"name":"things.example.com"},"spec":{"group":"example.com","scope":"Namespaced",
"names":{"kind":"Thing","plural":"things"},"versions":[{"name":"v1","served":true,"storage":true,"schema":
{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","required":["size"],"properties":
{"size":{"type":"integer","default":3},"name":{"type":"string","x-kubernetes-validations":
[{"rule":"size(self) > 5","message":"too short"}]}}}}}}}]}}`

func TestCustomResources(t *testing.T) {
	server := newServer(t)
	thing := func(spec string) Verdict {
		return server.Validate(object(t, `{"apiVersion":"example.com/v1","kind":"Thing","metadata":{"name":"a"},"spec":`+spec+`}`))
	}
	if got := thing(`{}`); got.Outcome != Unserved {
		t.Errorf("before its definition: %+v", got)
	}
	if got := server.Define(object(t, definition)); got.Outcome != Accepted {
		t.Fatalf("definition: %+v", got)
	}
	if got := thing(`{}`); got.Outcome != Accepted {
		t.Errorf("a field with a default is not required: %+v", got)
	}
	got := thing(`{"name":"x","other":1}`)
	if len(got.Causes) != 2 || got.Causes[0].Type != UnknownField || got.Causes[1].Detail != "too short" {
		t.Errorf("unknown field and broken rule: %+v", got)
	}
	if got := server.Define(object(t, strings.Replace(definition, `"integer"`, `"int"`, 1))); got.Outcome != Refused {
		t.Errorf("a definition with an unknown type: %+v", got)
	}
	if got := thing(`{"size":"x"}`); got.Outcome != Refused {
		t.Errorf("a refused definition does not replace another: %+v", got)
	}
}
