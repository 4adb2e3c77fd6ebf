package verdict

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/warning"
)

// Outcome is what would become of an object.
type Outcome string

const (
	// Accepted objects would be created.
	Accepted Outcome = "accepted"
	// Refused objects would not.
	Refused Outcome = "refused"
	// Unserved objects are of a kind that is neither built in nor defined here.
	Unserved Outcome = "unserved"
	// Failed objects could not be judged.
	Failed Outcome = "failed"
)

// Verdict is the API server's answer to the creation of an object.
type Verdict struct {
	Outcome Outcome `json:"outcome"`
	// Reason is the one of the API server's Status, as Invalid or BadRequest.
	Reason metav1.StatusReason `json:"reason,omitempty"`
	// Message is the API server's, where there are no causes.
	Message string `json:"message,omitempty"`
	// Causes are all that is wrong: fields that decoding refuses, then what validation says of the others.
	Causes []Cause `json:"causes,omitempty"`
	// Warnings are what a client would print.
	Warnings []string `json:"warnings,omitempty"`
}

// Object is an object in JSON, of which it is known where it is created.
type Object struct {
	json      []byte
	kind      schema.GroupVersionKind
	namespace string
}

// UnmarshalJSON takes what is no object too: it is of no kind.
func (o *Object) UnmarshalJSON(text []byte) error {
	var head struct {
		APIVersion string          `json:"apiVersion"`
		Kind       string          `json:"kind"`
		Metadata   json.RawMessage `json:"metadata"`
	}
	var metadata struct {
		Namespace string `json:"namespace"`
	}
	*o = Object{json: bytes.Clone(text), namespace: metav1.NamespaceDefault}
	if json.Unmarshal(text, &head) == nil {
		o.kind = schema.FromAPIVersionAndKind(head.APIVersion, head.Kind)
	}
	// Metadata of another form is the decoder's to refuse. kubectl creates in the default namespace what states none.
	if json.Unmarshal(head.Metadata, &metadata) == nil && metadata.Namespace != "" {
		o.namespace = metadata.Namespace
	}
	return nil
}

var definitionKind = schema.GroupVersionKind{
	Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition",
}

// IsDefinition reports whether an object is a CustomResourceDefinition.
func (o Object) IsDefinition() bool { return o.kind == definitionKind }

// Define serves the kinds of a CustomResourceDefinition from now on, unless it would be refused, and returns the verdict
// on it. Unknown fields do not keep it from being served.
func (s *Server) Define(object Object) Verdict {
	verdict, stored := s.judge(object)
	if stored != nil {
		if err := s.custom.define(stored); err != nil {
			return Verdict{Outcome: Failed, Message: err.Error()}
		}
	}
	return verdict
}

// Judge returns the verdict on an object.
func (s *Server) Judge(object Object) Verdict {
	verdict, _ := s.judge(object)
	return verdict
}

func (s *Server) judge(object Object) (verdict Verdict, stored runtime.Object) {
	defer func() {
		if problem := recover(); problem != nil {
			verdict = Verdict{Outcome: Failed, Message: fmt.Sprintf("validation of this object panics: %.2000v", problem)}
		}
	}()
	at, served := s.endpoints[object.kind]
	if !served {
		if at, served = s.custom.endpoints[object.kind]; !served {
			return Verdict{Outcome: Unserved}, nil
		}
	}
	secret := object.kind == schema.GroupVersionKind{Version: "v1", Kind: "Secret"}
	first := create(at, object, metav1.FieldValidationStrict)
	verdict = first.verdict(secret)
	unknown := strictCauses(first.status.Message)
	if first.code != http.StatusBadRequest || len(unknown) == 0 {
		return verdict, first.stored
	}
	// The API server stops at fields that it does not know. What it says once they are gone is told with them.
	rest := create(at, object, metav1.FieldValidationIgnore)
	verdict.Message = ""
	verdict.Causes = append(unknown, rest.verdict(secret).allCauses()...)
	return verdict, rest.stored
}

// answer is what the handler said.
type answer struct {
	code     int
	status   metav1.Status
	stored   runtime.Object
	warnings warnings
}

func (a *answer) verdict(secret bool) Verdict {
	verdict := Verdict{Outcome: Refused, Warnings: a.warnings}
	if a.code == statusAccepted {
		verdict.Outcome = Accepted
		return verdict
	}
	if a.code >= http.StatusInternalServerError {
		return Verdict{Outcome: Failed, Message: a.status.Message}
	}
	verdict.Reason = a.status.Reason
	if details := a.status.Details; details != nil {
		verdict.Causes = causesOf(details.Causes, secret)
	}
	if len(verdict.Causes) == 0 {
		verdict.Message = a.status.Message
	}
	return verdict
}

// allCauses are the causes of a refusal, its message among them where it has none.
func (v Verdict) allCauses() []Cause {
	if v.Message == "" {
		return v.Causes
	}
	return []Cause{{Detail: v.Message}}
}

var admin = &user.DefaultInfo{
	Name: "kubernetes-admin", Groups: []string{user.SystemPrivilegedGroup, user.AllAuthenticated},
}

// create asks an endpoint to create an object.
func create(at endpoint, object Object, validation string) *answer {
	got := &answer{}
	namespace := object.namespace
	if !at.namespaced {
		namespace = ""
	}
	ctx := request.WithRequestInfo(context.Background(), &request.RequestInfo{
		IsResourceRequest: true, Path: "/", Verb: "create", Namespace: namespace,
		APIGroup: at.resource.Group, APIVersion: at.resource.Version, Resource: at.resource.Resource,
	})
	ctx = request.WithNamespace(request.WithUser(ctx, admin), namespace)
	ctx = warning.WithWarningRecorder(ctx, &got.warnings)
	ctx = context.WithValue(ctx, storedKey{}, &got.stored)
	asked, err := http.NewRequestWithContext(ctx, http.MethodPost, "/?fieldValidation="+validation, bytes.NewReader(object.json))
	if err != nil {
		panic(err)
	}
	asked.Header.Set("Content-Type", "application/json")
	asked.Header.Set("Accept", "application/json")
	response := &responseWriter{header: http.Header{}}
	at.handler.ServeHTTP(response, asked)
	got.code = response.code
	if got.code != statusAccepted {
		got.stored = nil
		// Anything else is a text: the message then.
		if json.Unmarshal(response.body.Bytes(), &got.status) != nil {
			got.status.Message = strings.TrimSpace(response.body.String())
		}
	}
	return got
}

type responseWriter struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func (w *responseWriter) Header() http.Header            { return w.header }
func (w *responseWriter) WriteHeader(code int)           { w.code = code }
func (w *responseWriter) Write(data []byte) (int, error) { return w.body.Write(data) }

type warnings []string

func (w *warnings) AddWarning(_, text string) { *w = append(*w, text) }
