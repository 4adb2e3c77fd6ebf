// Package verdict validates objects as a Kubernetes API server does when they are created, without a cluster.
//
// It runs the API server's own code: the create handler (strict decoding, conversion, defaulting), the registry of each
// resource with its strategy (preparation, validation, canonicalization, warnings) and, for custom resources, the
// handler of the apiextensions server. Only storage is missing: an admission plugin ends each request before the object
// would be stored. The README of manifest-validator lists the checks that depend on the state of a cluster and are left out.
package verdict

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/endpoints"
	"k8s.io/apiserver/pkg/endpoints/deprecation"
	"k8s.io/apiserver/pkg/endpoints/handlers"
	"k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"
	utilcompatibility "k8s.io/apiserver/pkg/util/compatibility"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/apiserver/pkg/warning"
	basecompatibility "k8s.io/component-base/compatibility"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/capabilities"
	"sigs.k8s.io/structured-merge-diff/v6/typed"
)

// maxBody is the API server's limit for the body of a request.
const maxBody = 3 * 1024 * 1024

// endpoint creates objects of one kind.
type endpoint struct {
	resource   schema.GroupVersionResource
	namespaced bool
	handler    http.Handler
}

// Server validates objects as the API server of one minor version does. It is not safe for concurrent use.
type Server struct {
	endpoints map[schema.GroupVersionKind]endpoint
	custom    *customResources
}

// Emulate makes this process emulate an earlier minor version, as the API server's --emulated-version does: it selects
// the feature gates and served kinds of that version. It must be called before New, and at most once.
func Emulate(minor *version.Version) error {
	effective := utilcompatibility.DefaultBuildEffectiveVersion()
	effective.SetEmulationVersion(minor)
	if problems := effective.Validate(); len(problems) > 0 {
		return fmt.Errorf("%w: got %s, must be in %s", ErrVersion, minor, Emulates())
	}
	globals, gate := utilcompatibility.DefaultComponentGlobalsRegistry.ComponentGlobalsOrRegister(
		basecompatibility.DefaultKubeComponent, effective, utilfeature.DefaultMutableFeatureGate)
	globals.SetEmulationVersion(minor)
	return gate.SetEmulationVersion(minor)
}

// ErrVersion is the error of Emulate for a version that this release of Kubernetes cannot emulate.
var ErrVersion = errors.New("unsupported Kubernetes version")

// Emulates returns the range of versions that this process can emulate: 1.33..1.36.
func Emulates() string {
	versions, _, _ := strings.Cut(utilcompatibility.DefaultBuildEffectiveVersion().AllowedEmulationVersionRange(), "(")
	return versions
}

// New returns a server for all kinds of the emulated version, including those of alpha and beta APIs.
func New() (*Server, error) {
	// Allow privileged containers, as K3s does. Rejecting them is up to policy rules.
	capabilities.Setup(true, 0)
	groups, err := builtInGroups()
	if err != nil {
		return nil, err
	}
	available, err := genericapiserver.NewResourceExpirationEvaluatorFromOptions(
		genericapiserver.ResourceExpirationEvaluatorOptions{CurrentVersion: emulated()})
	if err != nil {
		return nil, err
	}
	server := &Server{endpoints: map[schema.GroupVersionKind]endpoint{}}
	for _, group := range groups {
		name := group.PrioritizedVersions[0].Group
		if err := available.RemoveUnavailableKinds(
			name, group.Scheme, group.VersionedResourcesStorageMap, everyAPI); err != nil {
			return nil, err
		}
		if err := server.install(name, group); err != nil {
			return nil, err
		}
	}
	if server.custom, err = newCustomResources(); err != nil {
		return nil, err
	}
	return server, nil
}

// emulated returns the version that this process emulates.
func emulated() *version.Version {
	return utilcompatibility.DefaultComponentGlobalsRegistry.
		EffectiveVersionFor(basecompatibility.DefaultKubeComponent).EmulationVersion()
}

func (s *Server) install(name string, group *genericapiserver.APIGroupInfo) error {
	for v, resources := range group.VersionedResourcesStorageMap {
		groupVersion := schema.GroupVersion{Group: name, Version: v}
		for resource, storage := range resources {
			creater, creatable := storage.(rest.Creater)
			scoper, scoped := storage.(rest.Scoper)
			// The validation of an object that belongs to another one, such as a binding, depends on the other's state.
			if !creatable || !scoped || isSubresource(resource) || !standsAlone(groupVersion.WithResource(resource)) {
				continue
			}
			kind, err := endpoints.GetResourceKind(groupVersion, storage, group.Scheme)
			if err != nil {
				return err
			}
			at := endpoint{resource: groupVersion.WithResource(resource), namespaced: scoper.NamespaceScoped()}
			scope, err := requestScope(group, kind, at)
			if err != nil {
				return err
			}
			versioned, err := group.Scheme.New(kind)
			if err != nil {
				return err
			}
			deprecated := deprecation.IsDeprecated(versioned, int(emulated().Major()), int(emulated().Minor()))
			// Create a handler for each request, as the API server does: the handler wraps its admission chain.
			at.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if deprecated {
					versioned.GetObjectKind().SetGroupVersionKind(kind)
					warning.AddWarning(r.Context(), "", deprecation.WarningMessage(versioned))
				}
				handlers.CreateResource(creater, scope, admissionChain)(w, r)
			})
			s.endpoints[kind] = at
		}
	}
	return nil
}

// requestScope returns how requests for a kind are decoded and answered, as the API server's installer does.
func requestScope(
	group *genericapiserver.APIGroupInfo, kind schema.GroupVersionKind, at endpoint,
) (*handlers.RequestScope, error) {
	unsafe := runtime.UnsafeObjectConvertor(group.Scheme)
	hub := schema.GroupVersion{Group: kind.Group, Version: runtime.APIVersionInternal}
	fields, err := managedfields.NewDefaultFieldManager(
		untyped{}, unsafe, group.Scheme, group.Scheme, kind, hub, "", nil)
	if err != nil {
		return nil, err
	}
	return &handlers.RequestScope{
		Namer:                    handlers.ContextBasedNaming{Namer: runtime.Namer(meta.NewAccessor()), ClusterScoped: !at.namespaced},
		Serializer:               group.NegotiatedSerializer,
		ParameterCodec:           group.ParameterCodec,
		Creater:                  group.Scheme,
		Convertor:                group.Scheme,
		Defaulter:                group.Scheme,
		Typer:                    group.Scheme,
		UnsafeConvertor:          unsafe,
		Authorizer:               everythingAllowed,
		Resource:                 at.resource,
		Kind:                     kind,
		HubGroupVersion:          hub,
		MetaGroupVersion:         metav1.SchemeGroupVersion,
		FieldManager:             fields,
		MaxRequestBodyBytes:      maxBody,
		EquivalentResourceMapper: runtime.NewEquivalentResourceRegistry(),
	}, nil
}

// untyped converts nothing, because tracking managed fields is slow and does not affect validation. The API server then
// drops metadata.managedFields.
type untyped struct{}

var errUntyped = errors.New("managed fields are not tracked")

func (untyped) ObjectToTyped(runtime.Object, ...typed.ValidationOptions) (*typed.TypedValue, error) {
	return nil, errUntyped
}

func (untyped) TypedToObject(*typed.TypedValue) (runtime.Object, error) { return nil, errUntyped }

// Built-in kinds share one scheme.
var scheme = legacyscheme.Scheme
