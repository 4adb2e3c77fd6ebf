package verdict

import (
	"net"

	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"
	serverstorage "k8s.io/apiserver/pkg/server/storage"
	api "k8s.io/kubernetes/pkg/apis/core"
	kubeoptions "k8s.io/kubernetes/pkg/kubeapiserver/options"
	kubeletclient "k8s.io/kubernetes/pkg/kubelet/client"
	endpointsstore "k8s.io/kubernetes/pkg/registry/core/endpoint/storage"
	limitrangestore "k8s.io/kubernetes/pkg/registry/core/limitrange/storage"
	nodestore "k8s.io/kubernetes/pkg/registry/core/node/storage"
	volumestore "k8s.io/kubernetes/pkg/registry/core/persistentvolume/storage"
	claimstore "k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim/storage"
	podstore "k8s.io/kubernetes/pkg/registry/core/pod/storage"
	podtemplatestore "k8s.io/kubernetes/pkg/registry/core/podtemplate/storage"
	controllerstore "k8s.io/kubernetes/pkg/registry/core/replicationcontroller/storage"
	corerest "k8s.io/kubernetes/pkg/registry/core/rest"
	"k8s.io/kubernetes/pkg/registry/core/service/ipallocator"
	"k8s.io/kubernetes/pkg/registry/core/service/portallocator"
	servicestore "k8s.io/kubernetes/pkg/registry/core/service/storage"
)

// coreProvider provides the core API group. The API server's own provider connects to etcd to allocate addresses.
type coreProvider struct{}

func (coreProvider) NewRESTStorage(
	enabled serverstorage.APIResourceConfigSource, options generic.RESTOptionsGetter,
) (genericapiserver.APIGroupInfo, error) {
	group, err := (&corerest.GenericConfig{}).NewRESTStorage(enabled, options)
	if err != nil {
		return group, err
	}
	resources := group.VersionedResourcesStorageMap["v1"]
	for name, make := range map[string]func(generic.RESTOptionsGetter) (rest.Storage, error){
		"endpoints":              func(o generic.RESTOptionsGetter) (rest.Storage, error) { return endpointsstore.NewREST(o) },
		"limitranges":            func(o generic.RESTOptionsGetter) (rest.Storage, error) { return limitrangestore.NewREST(o) },
		"podtemplates":           func(o generic.RESTOptionsGetter) (rest.Storage, error) { return podtemplatestore.NewREST(o) },
		"nodes":                  nodes,
		"persistentvolumes":      volumes,
		"persistentvolumeclaims": claims,
		"pods":                   pods,
		"replicationcontrollers": controllers,
		"services":               services,
	} {
		if resources[name], err = make(options); err != nil {
			return group, err
		}
	}
	return group, nil
}

func nodes(options generic.RESTOptionsGetter) (rest.Storage, error) {
	storage, err := nodestore.NewStorage(options, kubeletclient.KubeletClientConfig{}, nil)
	if err != nil {
		return nil, err
	}
	return storage.Node, nil
}

func pods(options generic.RESTOptionsGetter) (rest.Storage, error) {
	storage, err := podstore.NewStorage(options, nil, nil, nil, everythingAllowed)
	return storage.Pod, err
}

func volumes(options generic.RESTOptionsGetter) (rest.Storage, error) {
	storage, _, err := volumestore.NewREST(options)
	return storage, err
}

func claims(options generic.RESTOptionsGetter) (rest.Storage, error) {
	storage, _, err := claimstore.NewREST(options)
	return storage, err
}

func controllers(options generic.RESTOptionsGetter) (rest.Storage, error) {
	storage, _, err := controllerstore.NewREST(options)
	return storage, err
}

// services returns the storage of Services for a dual-stack cluster, because the cluster's configuration is unknown.
func services(options generic.RESTOptionsGetter) (rest.Storage, error) {
	endpoints, err := endpointsstore.NewREST(options)
	if err != nil {
		return nil, err
	}
	pod, err := podstore.NewStorage(options, nil, nil, nil, everythingAllowed)
	if err != nil {
		return nil, err
	}
	ports, err := portallocator.NewInMemory(kubeoptions.DefaultServiceNodePortRange)
	if err != nil {
		return nil, err
	}
	addresses := map[api.IPFamily]ipallocator.Interface{
		api.IPv4Protocol: anyAddress{api.IPv4Protocol, net.IPv4(10, 43, 0, 10)},
		api.IPv6Protocol: anyAddress{api.IPv6Protocol, net.ParseIP("fd00:43::10")},
	}
	storage, _, _, err := servicestore.NewREST(options, api.IPv4Protocol, addresses, ports, endpoints, pod.Pod, nil)
	return storage, err
}

// anyAddress allocates any address of a family, because the cluster's address range is unknown.
type anyAddress struct {
	family api.IPFamily
	next   net.IP
}

func (a anyAddress) Allocate(net.IP) error         { return nil }
func (a anyAddress) AllocateNext() (net.IP, error) { return a.next, nil }
func (a anyAddress) Release(net.IP) error          { return nil }
func (a anyAddress) ForEach(func(net.IP))          {}
func (a anyAddress) CIDR() net.IPNet               { return net.IPNet{} }
func (a anyAddress) IPFamily() api.IPFamily        { return a.family }
func (a anyAddress) Has(net.IP) bool               { return false }
func (a anyAddress) Destroy()                      {}
func (a anyAddress) EnableMetrics()                {}
func (a anyAddress) DryRun() ipallocator.Interface { return a }
