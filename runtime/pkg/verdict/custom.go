package verdict

import (
	"net/http"
	"time"

	apiextensionsinternal "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsserver "k8s.io/apiextensions-apiserver/pkg/apiserver"
	"k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	"k8s.io/apiextensions-apiserver/pkg/client/informers/externalversions"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
)

// customResources serves the kinds of CustomResourceDefinitions with the handler of the apiextensions server.
type customResources struct {
	handler     http.Handler
	definitions cache.Indexer
	endpoints   map[schema.GroupVersionKind]endpoint
}

func newCustomResources() (*customResources, error) {
	client, err := clientset.NewForConfig(noConnection())
	if err != nil {
		return nil, err
	}
	// The informer is not started: definitions are added to its store directly.
	informer := externalversions.NewSharedInformerFactory(client, 0).Apiextensions().V1().CustomResourceDefinitions()
	handler, err := apiextensionsserver.NewCustomResourceDefinitionHandler(
		nil, nil, informer, http.NotFoundHandler(), withoutStorage{}, admissionChain, nil, nil, nil, 1,
		everythingAllowed, time.Minute, time.Minute, nil, maxBody)
	if err != nil {
		return nil, err
	}
	return &customResources{
		handler: handler, definitions: informer.Informer().GetIndexer(), endpoints: map[schema.GroupVersionKind]endpoint{},
	}, nil
}

// define serves the kinds of a definition, which has the form in which it would be stored. It replaces an earlier definition
// with the same name.
func (c *customResources) define(stored runtime.Object) error {
	definition := &apiextensionsv1.CustomResourceDefinition{}
	if err := apiextensionsserver.Scheme.Convert(stored.(*apiextensionsinternal.CustomResourceDefinition), definition, nil); err != nil {
		return err
	}
	// The controllers of the apiextensions server set these conditions shortly after the creation.
	definition.Status.AcceptedNames = definition.Spec.Names
	for _, condition := range []apiextensionsv1.CustomResourceDefinitionConditionType{
		apiextensionsv1.NamesAccepted, apiextensionsv1.Established,
	} {
		definition.Status.Conditions = append(definition.Status.Conditions,
			apiextensionsv1.CustomResourceDefinitionCondition{Type: condition, Status: apiextensionsv1.ConditionTrue})
	}
	if definition.UID == "" {
		definition.UID = types.UID(definition.Name)
	}
	if err := c.definitions.Add(definition); err != nil {
		return err
	}
	for _, v := range definition.Spec.Versions {
		if !v.Served {
			continue
		}
		version := schema.GroupVersion{Group: definition.Spec.Group, Version: v.Name}
		c.endpoints[version.WithKind(definition.Spec.Names.Kind)] = endpoint{
			resource:   version.WithResource(definition.Spec.Names.Plural),
			namespaced: definition.Spec.Scope == apiextensionsv1.NamespaceScoped,
			handler:    c.handler,
		}
	}
	return nil
}
