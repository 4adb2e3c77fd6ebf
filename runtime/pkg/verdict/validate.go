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

// Outcome classifies the response to the creation of an object.
type Outcome string

const (
	// Accepted objects would be created.
	Accepted Outcome = "accepted"
	// Refused objects would be rejected.
	Refused Outcome = "refused"
	// Unserved objects have a kind that is neither built in nor defined.
	Unserved Outcome = "unserved"
	// Failed objects make the validation fail.
	Failed Outcome = "failed"
)

// Verdict is the API server's response to the creation of an object.
type Verdict struct {
	Outcome Outcome `json:"outcome"`
	// Reason is the reason in the API server's Status, such as Invalid or BadRequest.
	Reason metav1.StatusReason `json:"reason,omitempty"`
	// Message is the message in the API server's Status, if there are no causes.
	Message string `json:"message,omitempty"`
	// Causes lists all problems: those of decoding, then those of validation.
	Causes []Cause `json:"causes,omitempty"`
	// Warnings are the warnings that a client would print.
	Warnings []string `json:"warnings,omitempty"`
}

// Object is a manifest in JSON, with the kind and namespace that select its endpoint.
type Object struct {
	json      []byte
	kind      schema.GroupVersionKind
	namespace string
}

// UnmarshalJSON accepts any JSON value. A value that is not an object has no kind.
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
	// The decoder rejects malformed metadata. Like kubectl, use the default namespace if there is none.
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

// Define validates a CustomResourceDefinition and serves its kinds, unless the definition is refused. Unknown fields do not
// prevent its kinds from being served.
func (s *Server) Define(object Object) Verdict {
	verdict, stored := s.validate(object)
	if stored != nil {
		if err := s.custom.define(stored); err != nil {
			return Verdict{Outcome: Failed, Message: err.Error()}
		}
	}
	return verdict
}

// Validate returns the verdict on an object.
func (s *Server) Validate(object Object) Verdict {
	verdict, _ := s.validate(object)
	return verdict
}

func (s *Server) validate(object Object) (verdict Verdict, stored runtime.Object) {
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
	// The API server stops at unknown fields. Add the problems that it would report once they are removed.
	rest := create(at, object, metav1.FieldValidationIgnore)
	verdict.Message = ""
	verdict.Causes = append(unknown, rest.verdict(secret).allCauses()...)
	return verdict, rest.stored
}

// response is the result of a request.
type response struct {
	code     int
	status   metav1.Status
	stored   runtime.Object
	warnings warnings
}

func (r *response) verdict(secret bool) Verdict {
	verdict := Verdict{Outcome: Refused, Warnings: r.warnings}
	if r.code == statusAccepted {
		verdict.Outcome = Accepted
		return verdict
	}
	if r.code >= http.StatusInternalServerError {
		return Verdict{Outcome: Failed, Message: r.status.Message}
	}
	verdict.Reason = r.status.Reason
	if details := r.status.Details; details != nil {
		verdict.Causes = causesOf(details.Causes, secret)
	}
	if len(verdict.Causes) == 0 {
		verdict.Message = r.status.Message
	}
	return verdict
}

// allCauses returns the causes of a refusal, or its message as the only cause.
func (v Verdict) allCauses() []Cause {
	if v.Message == "" {
		return v.Causes
	}
	return []Cause{{Detail: v.Message}}
}

var admin = &user.DefaultInfo{
	Name: "kubernetes-admin", Groups: []string{user.SystemPrivilegedGroup, user.AllAuthenticated},
}

// create sends a request to create an object to an endpoint.
func create(at endpoint, object Object, validation string) *response {
	result := &response{}
	namespace := object.namespace
	if !at.namespaced {
		namespace = ""
	}
	ctx := request.WithRequestInfo(context.Background(), &request.RequestInfo{
		IsResourceRequest: true, Path: "/", Verb: "create", Namespace: namespace,
		APIGroup: at.resource.Group, APIVersion: at.resource.Version, Resource: at.resource.Resource,
	})
	ctx = request.WithNamespace(request.WithUser(ctx, admin), namespace)
	ctx = warning.WithWarningRecorder(ctx, &result.warnings)
	ctx = context.WithValue(ctx, storedKey{}, &result.stored)
	httpRequest, err := http.NewRequestWithContext(ctx, http.MethodPost, "/?fieldValidation="+validation, bytes.NewReader(object.json))
	if err != nil {
		panic(err)
	}
	httpRequest.Header.Set("Content-Type", "application/json")
	httpRequest.Header.Set("Accept", "application/json")
	writer := &responseWriter{header: http.Header{}}
	at.handler.ServeHTTP(writer, httpRequest)
	result.code = writer.code
	if result.code != statusAccepted {
		result.stored = nil
		// A response that is not a Status is plain text.
		if json.Unmarshal(writer.body.Bytes(), &result.status) != nil {
			result.status.Message = strings.TrimSpace(writer.body.String())
		}
	}
	return result
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
