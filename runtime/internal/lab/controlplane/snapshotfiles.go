package controlplane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"time"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	crdclient "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"
)

// The kind in which K3s records snapshots. Source: K3s, pkg/apis/k3s.cattle.io/v1.
var snapshotFiles = schema.GroupVersionResource{Group: "k3s.cattle.io", Version: "v1", Resource: "etcdsnapshotfiles"}

const (
	snapshotFileKind = "ETCDSnapshotFile"
	storageLabel     = "etcd.k3s.cattle.io/snapshot-storage-node"
	// storageS3 is the value of storageLabel for snapshots in a bucket.
	storageS3           = "s3"
	tokenHashAnnotation = "etcd.k3s.cattle.io/snapshot-token-hash"
	// kindTimeout limits how long the API server takes to serve the kind after its definition was created.
	kindTimeout = 30 * time.Second
)

// createSnapshotKind creates the definition of ETCDSnapshotFile.
func (s *server) createSnapshotKind(ctx context.Context) error {
	config, err := clientcmd.BuildConfigFromFlags("", s.path("admin.kubeconfig"))
	if err != nil {
		return err
	}
	client, err := crdclient.NewForConfig(config)
	if err != nil {
		return err
	}
	preserve := true
	free := apiextensions.JSONSchemaProps{Type: "object", XPreserveUnknownFields: &preserve}
	_, err = client.ApiextensionsV1().CustomResourceDefinitions().Create(ctx, &apiextensions.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: snapshotFiles.Resource + "." + snapshotFiles.Group},
		Spec: apiextensions.CustomResourceDefinitionSpec{
			Group: snapshotFiles.Group, Scope: apiextensions.ClusterScoped,
			Names: apiextensions.CustomResourceDefinitionNames{
				Kind: snapshotFileKind, ListKind: snapshotFileKind + "List", Plural: snapshotFiles.Resource, Singular: "etcdsnapshotfile",
			},
			Versions: []apiextensions.CustomResourceDefinitionVersion{{
				Name: snapshotFiles.Version, Served: true, Storage: true,
				Schema: &apiextensions.CustomResourceValidation{OpenAPIV3Schema: &apiextensions.JSONSchemaProps{
					Type: "object", Properties: map[string]apiextensions.JSONSchemaProps{"spec": free, "status": free},
				}},
			}},
		},
	}, metav1.CreateOptions{FieldManager: "k3s"})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// recordSnapshots makes the ETCDSnapshotFile objects of this server and of the bucket equal to the snapshots that exist.
func (s *server) recordSnapshots(ctx context.Context) error {
	wanted := map[string]*unstructured.Unstructured{}
	local, err := s.localSnapshots()
	if err != nil {
		return err
	}
	for _, name := range local {
		info, err := os.Stat(s.path(snapshotsDir, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		file := snapshotFile{name: name, node: s.Hostname, storage: s.Hostname, location: "file://" + path.Join(dataDir+"server", snapshotsDir, name), bytes: info.Size()}
		wanted["local-"+name] = file.render("local-" + name)
	}
	if bucket := s.bucket(); bucket != nil {
		objects, err := s.buckets.List(bucket.Bucket, bucket.Folder)
		if err != nil {
			return err
		}
		for _, object := range objects {
			name := path.Base(object.Key)
			file := snapshotFile{
				name: name, node: object.Metadata[nodeNameKey], storage: storageS3, tokenHash: object.Metadata[tokenHashKey],
				location: fmt.Sprintf("s3://%s/%s", bucket.Bucket, object.Key), bytes: object.Size,
			}
			wanted["s3-"+name] = file.render("s3-" + name)
		}
	}
	return s.syncSnapshotFiles(ctx, wanted)
}

func (s *server) syncSnapshotFiles(ctx context.Context, wanted map[string]*unstructured.Unstructured) error {
	config, err := clientcmd.BuildConfigFromFlags("", s.path("admin.kubeconfig"))
	if err != nil {
		return err
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	files := client.Resource(snapshotFiles)
	var existing *unstructured.UnstructuredList
	for deadline := time.Now().Add(kindTimeout); ; {
		existing, err = files.List(ctx, metav1.ListOptions{LabelSelector: fmt.Sprintf("%s in (%s, %s)", storageLabel, s.Hostname, storageS3)})
		if !apierrors.IsNotFound(err) || time.Now().After(deadline) {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(memberPoll):
		}
	}
	if err != nil {
		return err
	}
	for _, item := range existing.Items {
		if _, found := wanted[item.GetName()]; found {
			delete(wanted, item.GetName())
		} else if err := files.Delete(ctx, item.GetName(), metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			return err
		}
	}
	for _, item := range wanted {
		// Every server records the snapshots in the bucket.
		if _, err := files.Create(ctx, item, metav1.CreateOptions{FieldManager: "k3s"}); err != nil && !apierrors.IsAlreadyExists(err) {
			return err
		}
	}
	return nil
}

// snapshotFile is a snapshot on a machine or in a bucket.
type snapshotFile struct {
	name, node, storage, location, tokenHash string
	bytes                                    int64
}

func (f snapshotFile) render(objectName string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{Object: map[string]any{
		"spec": map[string]any{"snapshotName": f.name, "nodeName": f.node, "location": f.location},
		"status": map[string]any{
			"size": fmt.Sprint(f.bytes), "creationTime": takenAt(f.name).Format(time.RFC3339), "readyToUse": true,
		},
	}}
	object.SetGroupVersionKind(snapshotFiles.GroupVersion().WithKind(snapshotFileKind))
	object.SetName(objectName)
	object.SetLabels(map[string]string{storageLabel: f.storage})
	if f.tokenHash != "" {
		object.SetAnnotations(map[string]string{tokenHashAnnotation: f.tokenHash})
	}
	return object
}
