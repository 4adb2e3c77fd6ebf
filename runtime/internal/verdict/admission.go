package verdict

import (
	"context"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/kubernetes/plugin/pkg/admission/certificates/subjectrestriction"
)

// admissionChain holds the admission plugins that refuse objects for what is in them alone, and the one that ends the
// request. Others that are on by default look at the state of the cluster, or only fill in fields.
var admissionChain = admission.NewChainHandler(subjectrestriction.NewPlugin(), lastPlugin{})

// statusAccepted ends a request that would be stored. No API server answers with this code.
const statusAccepted = http.StatusAccepted

var accepted = &apierrors.StatusError{ErrStatus: metav1.Status{Code: statusAccepted}}

// lastPlugin sees an object as it would be stored, keeps it for whoever asked, and ends the request.
type lastPlugin struct{}

func (lastPlugin) Handles(operation admission.Operation) bool { return operation == admission.Create }

func (lastPlugin) Validate(ctx context.Context, a admission.Attributes, _ admission.ObjectInterfaces) error {
	if keep, wanted := ctx.Value(storedKey{}).(*runtime.Object); wanted {
		*keep = a.GetObject()
	}
	return accepted
}

// storedKey is where a request's context says to put the object as it would be stored.
type storedKey struct{}
