package controlplane

import (
	"context"
	"crypto/tls"
	"net/http"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/skerry-dev/skerry/runtime/internal/lab/agent"
)

// expectJoin joins a machine and compares the error with a part of it; an empty text means success.
func expectJoin(t *testing.T, machine agent.Machine, want string) {
	t.Helper()
	err := machine.Join(context.Background())
	switch {
	case want == "" && err != nil:
		t.Errorf("got error %v, want none", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("got error %v, want one that contains %q", err, want)
	}
}

func TestAgentsJoinWithEitherToken(t *testing.T) {
	for credentials, want := range map[string]string{
		"node:" + agentPassword:    "",
		"server:" + serverPassword: "",
		"server:" + agentPassword:  "",
		"node:wrong":               "401 Unauthorized",
		bootstrapToken:             "401 Unauthorized",
	} {
		t.Run(credentials, func(t *testing.T) {
			s, _ := newServer(t)
			url, hash := serve(t, s)
			expectJoin(t, newMachine(t, url, hash, credentials), want)
		})
	}
}

func TestAgentsRejectAnotherAuthorityBeforeTheySendTheirPassword(t *testing.T) {
	s, _ := newServer(t)
	url, _ := serve(t, s)
	expectJoin(t, newMachine(t, url, strings.Repeat("ab", 32), "node:"+agentPassword), "token CA hash does not match")
}

func TestBootstrapTokensAdmitAgentsUntilTheyExpire(t *testing.T) {
	future := time.Now().Add(time.Hour)
	for name, c := range map[string]struct {
		secret *corev1.Secret
		want   string
	}{
		"valid":   {bootstrapSecret(future, nil), ""},
		"expired": {bootstrapSecret(time.Now().Add(-time.Minute), nil), "the token is wrong, expired or revoked"},
		"other secret": {bootstrapSecret(future, func(s *corev1.Secret) {
			s.Data["token-secret"] = []byte("fedcba9876543210")
		}), "401"},
		"other type": {bootstrapSecret(future, func(s *corev1.Secret) { s.Type = corev1.SecretTypeOpaque }), "401"},
		"not for authentication": {bootstrapSecret(future, func(s *corev1.Secret) {
			delete(s.Data, "usage-bootstrap-authentication")
		}), "401"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := newServer(t, c.secret)
			url, hash := serve(t, s)
			expectJoin(t, newMachine(t, url, hash, bootstrapToken), c.want)
		})
	}
}

func TestAnAgentThatHasJoinedNeedsNoTokenUntilItsNodeIsDeleted(t *testing.T) {
	ctx := context.Background()
	s, client := newServer(t, bootstrapSecret(time.Now().Add(time.Hour), nil))
	url, hash := serve(t, s)
	machine := newMachine(t, url, hash, bootstrapToken)
	expectJoin(t, machine, "")
	createNode(t, client, machine.Hostname)
	if err := client.CoreV1().Secrets(metav1.NamespaceSystem).Delete(ctx, "bootstrap-token-abc123", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	expectJoin(t, machine, "")
	expectJoin(t, newMachine(t, url, hash, bootstrapToken), "401")
	if err := client.CoreV1().Nodes().Delete(ctx, machine.Hostname, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	expectJoin(t, machine, "401")
}

func TestAnAgentCannotGetTheCertificateOfAnotherNode(t *testing.T) {
	s, client := newServer(t)
	url, hash := serve(t, s)
	machine := newMachine(t, url, hash, "node:"+agentPassword)
	expectJoin(t, machine, "")
	createNode(t, client, machine.Hostname)
	machine.Config["token"] = "K10" + hash + "::node:wrong"
	machine.Hostname = "device-02"
	expectJoin(t, machine, "400 Bad Request")
}

func TestANameBelongsToItsFirstMachineUntilTheNodeIsDeleted(t *testing.T) {
	ctx := context.Background()
	s, client := newServer(t)
	url, hash := serve(t, s)
	first, second := newMachine(t, url, hash, "node:"+agentPassword), newMachine(t, url, hash, "node:"+agentPassword)
	expectJoin(t, first, "")
	expectJoin(t, second, "node password rejected, duplicate hostname")
	expectJoin(t, first, "")

	secrets := client.CoreV1().Secrets(metav1.NamespaceSystem)
	secret, err := secrets.Get(ctx, "device-01.node-password.k3s", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	password, err := agent.NodePassword(first.Root)
	if err != nil {
		t.Fatal(err)
	}
	if hash := string(secret.Data["hash"]); strings.Contains(hash, password) || verifyHash(hash, password) != nil {
		t.Errorf("got hash %q, want one of the password", hash)
	}
	node := createNode(t, client, first.Hostname)
	if err := ownNodePassword(ctx, client, node); err != nil {
		t.Fatal(err)
	}
	secret, err = secrets.Get(ctx, secret.Name, metav1.GetOptions{})
	if err != nil || len(secret.OwnerReferences) != 1 || secret.OwnerReferences[0].UID != node.UID {
		t.Errorf("got owners %v, %v, want the Node, so that it is deleted with it", secret.OwnerReferences, err)
	}
	// The garbage collector does this after the Node has been deleted.
	if err := secrets.Delete(ctx, secret.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	expectJoin(t, second, "")
}

func TestMachinesWaitUntilTheAPIServerIsReady(t *testing.T) {
	s, _ := newServer(t)
	url, hash := serve(t, s)
	s.api.Store(nil)
	machine := newMachine(t, url, hash, "node:"+agentPassword)
	expectJoin(t, machine, "503 Service Unavailable")
}

func TestOnlyTheServerTokenRotatesTheServerToken(t *testing.T) {
	s, _ := newServer(t, bootstrapSecret(time.Now().Add(time.Hour), nil))
	url, _ := serve(t, s)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	for name, c := range map[string]struct {
		authenticate func(*http.Request)
		want         int
	}{
		"anonymous":    {func(*http.Request) {}, http.StatusForbidden},
		"an agent":     {func(r *http.Request) { r.SetBasicAuth("node", agentPassword) }, http.StatusForbidden},
		"an impostor":  {func(r *http.Request) { r.SetBasicAuth("server", agentPassword) }, http.StatusUnauthorized},
		"a new agent":  {func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+bootstrapToken) }, http.StatusForbidden},
		"no new token": {func(r *http.Request) { r.SetBasicAuth("server", serverPassword) }, http.StatusBadRequest},
	} {
		request, err := http.NewRequest(http.MethodPut, url+"/v1-k3s/token", strings.NewReader(`{"newToken":""}`))
		if err != nil {
			t.Fatal(err)
		}
		c.authenticate(request)
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != c.want {
			t.Errorf("%s: got status %d, want %d", name, response.StatusCode, c.want)
		}
	}
}

func TestVerifyHash(t *testing.T) {
	hash, err := createHash("password")
	if err != nil {
		t.Fatal(err)
	}
	if err := verifyHash(hash, "password"); err != nil {
		t.Error(err)
	}
	if err := verifyHash(hash, "Password"); err != errWrongPassword {
		t.Errorf("got error %v, want %v", err, errWrongPassword)
	}
	for _, invalid := range []string{"", "password", "$1:00:99:8:1:AAAA", "$2:00:10:8:1:AAAA", "$1:00:10:8:1:*"} {
		if err := verifyHash(invalid, "password"); err != errInvalidHash {
			t.Errorf("%q: got error %v, want %v", invalid, err, errInvalidHash)
		}
	}
}

func TestAnAgentThatStartsAgainReportsItsVersion(t *testing.T) {
	s, client := newServer(t)
	url, hash := serve(t, s)
	machine := newMachine(t, url, hash, "node:"+agentPassword)
	createNode(t, client, machine.Hostname)
	for _, version := range []string{"v1.36.2+k3s1", "v1.36.3+k3s1"} {
		machine.K3s = version
		expectJoin(t, machine, "")
		node, err := client.CoreV1().Nodes().Get(t.Context(), machine.Hostname, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got := node.Status.NodeInfo.KubeletVersion; got != version {
			t.Errorf("got version %s, want %s", got, version)
		}
	}
}
