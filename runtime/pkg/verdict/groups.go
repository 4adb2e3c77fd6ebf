package verdict

import (
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsserver "k8s.io/apiextensions-apiserver/pkg/apiserver"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"
	serverstorage "k8s.io/apiserver/pkg/server/storage"
	"k8s.io/client-go/kubernetes"
	apiservicerest "k8s.io/kube-aggregator/pkg/registry/apiservice/rest"

	admissionregistrationrest "k8s.io/kubernetes/pkg/registry/admissionregistration/rest"
	apiserverinternalrest "k8s.io/kubernetes/pkg/registry/apiserverinternal/rest"
	appsrest "k8s.io/kubernetes/pkg/registry/apps/rest"
	authorizationrest "k8s.io/kubernetes/pkg/registry/authorization/rest"
	autoscalingrest "k8s.io/kubernetes/pkg/registry/autoscaling/rest"
	batchrest "k8s.io/kubernetes/pkg/registry/batch/rest"
	certificatesrest "k8s.io/kubernetes/pkg/registry/certificates/rest"
	coordinationrest "k8s.io/kubernetes/pkg/registry/coordination/rest"
	discoveryrest "k8s.io/kubernetes/pkg/registry/discovery/rest"
	eventsrest "k8s.io/kubernetes/pkg/registry/events/rest"
	flowcontrolrest "k8s.io/kubernetes/pkg/registry/flowcontrol/rest"
	networkingrest "k8s.io/kubernetes/pkg/registry/networking/rest"
	noderest "k8s.io/kubernetes/pkg/registry/node/rest"
	policyrest "k8s.io/kubernetes/pkg/registry/policy/rest"
	rbacrest "k8s.io/kubernetes/pkg/registry/rbac/rest"
	resourcerest "k8s.io/kubernetes/pkg/registry/resource/rest"
	schedulingrest "k8s.io/kubernetes/pkg/registry/scheduling/rest"
	storagerest "k8s.io/kubernetes/pkg/registry/storage/rest"
	svmrest "k8s.io/kubernetes/pkg/registry/storagemigration/rest"
)

// everythingAllowed authorizes every request: authorization is not validated.
var everythingAllowed = authorizerfactory.NewAlwaysAllowAuthorizer()

// everyAPI enables all APIs, including alpha and beta.
var everyAPI = func() serverstorage.APIResourceConfigSource {
	every := serverstorage.NewResourceConfig()
	every.EnableVersions(scheme.PrioritizedVersionsAllGroups()...)
	every.EnableVersions(
		schema.GroupVersion{Group: apiextensions.GroupName, Version: "v1"},
		schema.GroupVersion{Group: "apiregistration.k8s.io", Version: "v1"})
	return every
}()

// provider provides the resources of an API group.
type provider interface {
	NewRESTStorage(serverstorage.APIResourceConfigSource, generic.RESTOptionsGetter) (genericapiserver.APIGroupInfo, error)
}

// builtInGroups returns the API groups that a kube-apiserver serves, except for authentication.k8s.io: reviews of a caller's
// identity are not manifests.
func builtInGroups() ([]*genericapiserver.APIGroupInfo, error) {
	client, err := kubernetes.NewForConfig(noConnection())
	if err != nil {
		return nil, err
	}
	providers := []provider{
		coreProvider{},
		apiserverinternalrest.StorageProvider{},
		authorizationrest.RESTStorageProvider{Authorizer: everythingAllowed},
		autoscalingrest.RESTStorageProvider{},
		batchrest.RESTStorageProvider{},
		certificatesrest.RESTStorageProvider{Authorizer: everythingAllowed},
		coordinationrest.RESTStorageProvider{},
		discoveryrest.StorageProvider{},
		networkingrest.RESTStorageProvider{},
		noderest.RESTStorageProvider{},
		policyrest.RESTStorageProvider{},
		rbacrest.RESTStorageProvider{Authorizer: everythingAllowed},
		schedulingrest.RESTStorageProvider{},
		storagerest.RESTStorageProvider{},
		svmrest.RESTStorageProvider{},
		flowcontrolrest.RESTStorageProvider{},
		appsrest.StorageProvider{},
		admissionregistrationrest.RESTStorageProvider{Authorizer: everythingAllowed, DiscoveryClient: client.Discovery()},
		eventsrest.RESTStorageProvider{},
		resourcerest.RESTStorageProvider{NamespaceClient: client.CoreV1().Namespaces(), Authorizer: everythingAllowed},
		definitionsProvider{},
		apiServicesProvider{},
	}
	groups := make([]*genericapiserver.APIGroupInfo, 0, len(providers))
	for _, each := range providers {
		group, err := each.NewRESTStorage(everyAPI, withoutStorage{})
		if err != nil {
			return nil, err
		}
		if len(group.VersionedResourcesStorageMap) > 0 {
			groups = append(groups, &group)
		}
	}
	return groups, nil
}

// definitionsProvider provides CustomResourceDefinitions.
type definitionsProvider struct{}

func (definitionsProvider) NewRESTStorage(
	_ serverstorage.APIResourceConfigSource, options generic.RESTOptionsGetter,
) (genericapiserver.APIGroupInfo, error) {
	group := genericapiserver.NewDefaultAPIGroupInfo(
		apiextensions.GroupName, apiextensionsserver.Scheme, metav1.ParameterCodec, apiextensionsserver.Codecs)
	definitions, err := customresourcedefinition.NewREST(apiextensionsserver.Scheme, options)
	group.VersionedResourcesStorageMap["v1"] = map[string]rest.Storage{"customresourcedefinitions": definitions}
	return group, err
}

// apiServicesProvider provides APIServices.
type apiServicesProvider struct{}

func (apiServicesProvider) NewRESTStorage(
	enabled serverstorage.APIResourceConfigSource, options generic.RESTOptionsGetter,
) (genericapiserver.APIGroupInfo, error) {
	return apiservicerest.NewRESTStorage(enabled, options, false), nil
}

func isSubresource(resource string) bool { return strings.Contains(resource, "/") }

// standsAlone reports whether objects of a resource can be created without another object. A Binding needs its pod.
func standsAlone(resource schema.GroupVersionResource) bool {
	return resource != schema.GroupVersionResource{Version: "v1", Resource: "bindings"}
}
