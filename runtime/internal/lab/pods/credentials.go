package pods

import (
	"context"
	"encoding/base64"
	"path/filepath"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// kubeconfigTokenLifetime is the lifetime of the token in a pod's kubeconfig.
const kubeconfigTokenLifetime = 24 * time.Hour

// tokenKey identifies a kind of token of a pod.
type tokenKey struct {
	audience string
	lifetime time.Duration
}

// issuedToken is a token and when it was requested.
type issuedToken struct {
	token string
	at    time.Time
}

// token returns a token of the pod's service account that is bound to the pod, and so to its node, as the kubelet requests it. It
// renews the token after half of its lifetime. An empty audience is the API server.
func (i *instance) token(ctx context.Context, audience string, lifetime time.Duration) (string, error) {
	key := tokenKey{audience, lifetime}
	if issued, found := i.tokens[key]; found && time.Since(issued.at) < lifetime/2 {
		return issued.token, nil
	}
	account := i.pod.Spec.ServiceAccountName
	if account == "" {
		account = "default"
	}
	seconds := int64(lifetime.Seconds())
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{
		ExpirationSeconds: &seconds,
		BoundObjectRef:    &authenticationv1.BoundObjectReference{Kind: "Pod", APIVersion: "v1", Name: i.pod.Name, UID: i.pod.UID},
	}}
	if audience != "" {
		request.Spec.Audiences = []string{audience}
	}
	now := time.Now()
	issued, err := i.runner.client.CoreV1().ServiceAccounts(i.pod.Namespace).CreateToken(ctx, account, request, metav1.CreateOptions{})
	if err != nil {
		return "", err
	}
	if i.tokens == nil {
		i.tokens = map[tokenKey]issuedToken{}
	}
	i.tokens[key] = issuedToken{issued.Status.Token, now}
	return issued.Status.Token, nil
}

// writeCredentials writes a token of the pod's service account and a kubeconfig that uses it, so that the pod has exactly the
// permissions of its roles.
func (i *instance) writeCredentials(ctx context.Context, dir string) error {
	token, err := i.token(ctx, "", kubeconfigTokenLifetime)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "token")
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
	return writeFile(file, []byte(token))
}
