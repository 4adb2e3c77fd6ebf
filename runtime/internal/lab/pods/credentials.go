package pods

import (
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

const (
	tokenLifetime = 24 * time.Hour
	tokenRenewal  = 12 * time.Hour
)

// writeCredentials writes a token of the pod's service account and a kubeconfig that uses it, so that the pod has exactly the
// permissions of its roles. It renews the token after half of its lifetime.
func (i *instance) writeCredentials(ctx context.Context, dir string) error {
	file := filepath.Join(dir, "token")
	if info, err := os.Stat(file); err == nil && time.Since(info.ModTime()) < tokenRenewal {
		return nil
	}
	seconds := int64(tokenLifetime.Seconds())
	account := i.pod.Spec.ServiceAccountName
	if account == "" {
		account = "default"
	}
	token, err := i.runner.client.CoreV1().ServiceAccounts(i.pod.Namespace).CreateToken(ctx, account,
		&authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{
			ExpirationSeconds: &seconds,
			BoundObjectRef: &authenticationv1.BoundObjectReference{
				Kind: "Pod", APIVersion: "v1", Name: i.pod.Name, UID: i.pod.UID,
			},
		}}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	type object = map[string]any
	kubeconfig, err := yaml.Marshal(object{
		"apiVersion": "v1", "kind": "Config", "current-context": "pod",
		"clusters": []any{object{"name": "pod", "cluster": object{
			"server":                     i.runner.server,
			"certificate-authority-data": base64.StdEncoding.EncodeToString(i.runner.authority),
		}}},
		"users":    []any{object{"name": "pod", "user": object{"tokenFile": file}}},
		"contexts": []any{object{"name": "pod", "context": object{"cluster": "pod", "user": "pod", "namespace": i.pod.Namespace}}},
	})
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(dir, "kubeconfig"), kubeconfig); err != nil {
		return err
	}
	return writeFile(file, []byte(token.Status.Token))
}
