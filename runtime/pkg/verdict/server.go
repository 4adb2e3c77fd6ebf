// Package verdict answers what a Kubernetes API server would say to the creation of an object, without a cluster.
//
// It runs the API server's own code: the create handler (strict decoding, conversion, defaulting), the registry of each
// resource with its strategy (preparation, validation, canonicalization, warnings) and, for custom resources, the
// handler of the apiextensions server. Only storage is missing: an admission plugin ends each request where the object
// would be stored. See README.md for what depends on the state of a cluster and is therefore not judged.
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

// maxBody is the API server's own limit for the body of a request.
const maxBody = 3 * 1024 * 1024

// endpoint is where objects of one kind are created.
type endpoint struct {
	resource   schema.GroupVersionResource
	namespaced bool
	handler    http.Handler
}

// Server judges objects as the API server of one minor version. It is not safe for concurrent use.
type Server struct {
	endpoints map[schema.GroupVersionKind]endpoint
	custom    *customResources
}

// Emulate makes this process behave as an earlier minor version, as the API server's --emulated-version does: feature
// gates and served kinds are those of that version. It must be called before New, and at most once.
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

// ErrVersion is what Emulate returns for a version that this release of Kubernetes cannot emulate.
var ErrVersion = errors.New("unsupported Kubernetes version")

// Emulates names the versions that this process can behave as: 1.33..1.36.
func Emulates() string {
	versions, _, _ := strings.Cut(utilcompatibility.DefaultBuildEffectiveVersion().AllowedEmulationVersionRange(), "(")
	return versions
}

// New returns a server of every kind that Kubernetes has at the emulated version, those of alpha and beta APIs included.
func New() (*Server, error) {
	// As K3s runs its API server, and so that it is for rules to refuse privileged containers.
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

// emulated is the version that this process behaves as.
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
			// What is created below another object, as a binding is, is judged by that object's state.
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
			// A handler for each request, as in the API server: it wraps its admission once more each time.
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

// requestScope says how requests for a kind are decoded and answered, as the API server's installer does.
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

// untyped converts nothing: who manages which field of a new object is of no interest, and takes long to work out. The
// API server drops metadata.managedFields then, as it does those that it cannot read.
type untyped struct{}

var errUntyped = errors.New("managed fields are not tracked")

func (untyped) ObjectToTyped(runtime.Object, ...typed.ValidationOptions) (*typed.TypedValue, error) {
	return nil, errUntyped
}

func (untyped) TypedToObject(*typed.TypedValue) (runtime.Object, error) { return nil, errUntyped }

// Built-in kinds share one scheme.
var scheme = legacyscheme.Scheme
