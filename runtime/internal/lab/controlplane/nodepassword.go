package controlplane

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/crypto/scrypt"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/auth/nodeidentifier"
)

const (
	nodePasswordType = "k3s.cattle.io/node-password"
	// hashFormat is the format of K3s: version, salt, log2(N), r, p and the derived key.
	hashFormat = "$%d:%x:%d:%d:%d:%s"
	hashR      = 8
	hashP      = 1
	// hashLogN is lower than in K3s (15): a random password of 128 bits needs no slow hash, and many machines join at once.
	hashLogN = 10
	// maxHashLogN limits the memory that a stored hash can request.
	maxHashLogN = 16
)

var (
	errNotReady      = errors.New("the API server is not ready yet")
	errWrongPassword = errors.New("hash does not match")
	errInvalidHash   = errors.New("invalid hash")
)

var nodes = nodeidentifier.NewDefaultNodeIdentifier()

// verifyNode returns the name of the requesting node, or an error and its status. A name belongs to the first machine that
// joined under it, until its Node is deleted.
func (s *server) verifyNode(r *http.Request, requester user.Info) (string, int, error) {
	client := s.apiClient()
	name, password := strings.ToLower(r.Header.Get("k3s-Node-Name")), r.Header.Get("k3s-Node-Password")
	identity, isNode := nodes.NodeIdentity(requester)
	switch {
	case client == nil:
		return "", http.StatusServiceUnavailable, errNotReady
	case name == "":
		return "", http.StatusBadRequest, errors.New("node name not set")
	case password == "":
		return "", http.StatusBadRequest, errors.New("node password not set")
	case isNode && identity != name:
		return "", http.StatusBadRequest, errors.New("header node name does not match auth node name")
	}
	if isNode {
		if _, err := client.CoreV1().Nodes().Get(r.Context(), name, metav1.GetOptions{}); err != nil {
			return "", http.StatusUnauthorized, fmt.Errorf("unable to verify node identity: %w", err)
		}
	}
	err := ensureNodePassword(r.Context(), client, name, password)
	switch {
	case errors.Is(err, errWrongPassword):
		return "", http.StatusForbidden, fmt.Errorf("unable to verify password for node %s: %w", name, err)
	case err != nil:
		return "", http.StatusServiceUnavailable, err
	}
	return name, http.StatusOK, nil
}

func nodePasswordSecret(node string) string { return strings.ToLower(node) + ".node-password.k3s" }

// ensureNodePassword compares a password with the stored one of the node, and stores it if there is none.
func ensureNodePassword(ctx context.Context, client kubernetes.Interface, node, password string) error {
	secrets := client.CoreV1().Secrets(metav1.NamespaceSystem)
	verify := func() error {
		secret, err := secrets.Get(ctx, nodePasswordSecret(node), metav1.GetOptions{})
		if err != nil {
			return err
		}
		return verifyHash(string(secret.Data["hash"]), password)
	}
	if err := verify(); !apierrors.IsNotFound(err) {
		return err
	}
	hash, err := createHash(password)
	if err != nil {
		return err
	}
	immutable := true
	_, err = secrets.Create(ctx, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: nodePasswordSecret(node)},
		Type:       nodePasswordType,
		Immutable:  &immutable,
		Data:       map[string][]byte{"hash": []byte(hash)},
	}, metav1.CreateOptions{FieldManager: "k3s"})
	if apierrors.IsAlreadyExists(err) {
		return verify()
	}
	return err
}

func createHash(password string) (string, error) {
	salt := make([]byte, 8)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	key, err := scrypt.Key([]byte(password), salt, 1<<hashLogN, hashR, hashP, 64)
	return fmt.Sprintf(hashFormat, 1, salt, hashLogN, hashR, hashP, base64.RawStdEncoding.EncodeToString(key)), err
}

func verifyHash(hash, password string) error {
	var version, logN, r, p int
	var salt []byte
	var encoded string
	if _, err := fmt.Sscanf(hash, hashFormat, &version, &salt, &logN, &r, &p, &encoded); err != nil {
		return errInvalidHash
	}
	want, err := base64.RawStdEncoding.DecodeString(encoded)
	if err != nil || version != 1 || logN < 1 || logN > maxHashLogN {
		return errInvalidHash
	}
	key, err := scrypt.Key([]byte(password), salt, 1<<logN, r, p, len(want))
	if err != nil {
		return errInvalidHash
	}
	if subtle.ConstantTimeCompare(key, want) != 1 {
		return errWrongPassword
	}
	return nil
}

// runNodePasswords makes each Node the owner of its password, so that the garbage collector deletes both together.
func runNodePasswords(ctx context.Context, client kubernetes.Interface) error {
	factory := informers.NewSharedInformerFactory(client, 0)
	informer := factory.Core().V1().Nodes().Informer()
	err := informer.SetTransform(func(object any) (any, error) {
		if node, ok := object.(*corev1.Node); ok {
			return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: node.Name, UID: node.UID}}, nil
		}
		return object, nil
	})
	if err != nil {
		return err
	}
	_, err = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: func(object any) {
		node := object.(*corev1.Node)
		err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, 5*time.Second, true, func(ctx context.Context) (bool, error) {
			return ownNodePassword(ctx, client, node) == nil, nil
		})
		if err != nil && ctx.Err() == nil {
			klog.ErrorS(err, "Failed to set the owner of a node password", "node", node.Name)
		}
	}})
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	<-ctx.Done()
	factory.Shutdown()
	return nil
}

// ownNodePassword sets the owner of a node's password. A Node without a password is none that joined.
func ownNodePassword(ctx context.Context, client kubernetes.Interface, node *corev1.Node) error {
	secrets := client.CoreV1().Secrets(metav1.NamespaceSystem)
	secret, err := secrets.Get(ctx, nodePasswordSecret(node.Name), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(secret.OwnerReferences) > 0 && secret.OwnerReferences[0].UID == node.UID {
		return nil
	}
	secret.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "Node", Name: node.Name, UID: node.UID}}
	_, err = secrets.Update(ctx, secret, metav1.UpdateOptions{FieldManager: "k3s"})
	return err
}
