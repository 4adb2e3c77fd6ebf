package controlplane

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/transport"
	clientv3 "go.etcd.io/etcd/client/v3"
	"k8s.io/apiserver/pkg/authentication/user"

	"github.com/skerry-dev/skerry/runtime/internal/lab/token"
)

// datastoreTimeout limits one request to etcd.
const datastoreTimeout = 10 * time.Second

// bootstrapPrefix is the prefix of the key under which K3s keeps the authorities, encrypted with the server token. The name
// of the key is a hash of the token. The lab stores the key without a value, because its servers read the authorities from
// parameters.
const bootstrapPrefix = "/bootstrap/"

var errOtherToken = errors.New("bootstrap data already found and encrypted with different token")

func bootstrapKey(password string) string {
	sum := sha256.Sum256([]byte(password))
	return bootstrapPrefix + hex.EncodeToString(sum[:])[:12]
}

// credentials are the passwords that the supervisor accepts.
type credentials struct{ server, agent string }

// sharedCredentials are credentials that requests read while a rotation changes them.
type sharedCredentials struct {
	mutex sync.Mutex
	credentials
}

// passwords returns the current passwords.
func (s *server) passwords() credentials {
	s.credentials.mutex.Lock()
	defer s.credentials.mutex.Unlock()
	return s.credentials.credentials
}

// loadCredentials reads the passwords from the configuration. Without an agent token, agents join with the server token.
func (s *server) loadCredentials() error {
	serverToken := s.config.String("token", "")
	server, err := token.Parse(serverToken)
	if err != nil {
		return err
	}
	agent, err := token.Parse(s.config.String("agent-token", serverToken))
	if err != nil {
		return err
	}
	s.credentials.credentials = credentials{server.Password, agent.Password}
	return nil
}

// withDatastore calls use with a client of etcd.
func (s *server) withDatastore(ctx context.Context, use func(context.Context, *clientv3.Client) error) error {
	info := transport.TLSInfo{
		CertFile: s.path("tls/etcd/client.crt"), KeyFile: s.path("tls/etcd/client.key"),
		TrustedCAFile: s.path("tls/etcd/server-ca.crt"),
	}
	config, err := info.ClientConfig()
	if err != nil {
		return err
	}
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{urlText(s.etcdURL(2379))}, TLS: config, DialTimeout: datastoreTimeout})
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, datastoreTimeout)
	defer cancel()
	return use(ctx, client)
}

// checkServerToken returns an error if the datastore is encrypted with another server token.
func (s *server) checkServerToken(ctx context.Context) error {
	key := bootstrapKey(s.passwords().server)
	return s.withDatastore(ctx, func(ctx context.Context, client *clientv3.Client) error {
		found, err := client.Get(ctx, bootstrapPrefix, clientv3.WithPrefix(), clientv3.WithKeysOnly())
		if err != nil {
			return err
		}
		if len(found.Kvs) == 0 {
			_, err = client.Put(ctx, key, "")
			return err
		}
		for _, pair := range found.Kvs {
			if string(pair.Key) == key {
				return nil
			}
		}
		return errOtherToken
	})
}

// rotateServerToken handles the request of `k3s token rotate`: it re-encrypts the datastore with the new token. Other servers
// keep the old one until they start again.
func (s *server) rotateServerToken(w http.ResponseWriter, r *http.Request, _ user.Info) {
	var request struct {
		NewToken string `json:"newToken"`
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	if err != nil || json.Unmarshal(body, &request) != nil || request.NewToken == "" {
		http.Error(w, "newToken must not be empty", http.StatusBadRequest)
		return
	}
	s.credentials.mutex.Lock()
	defer s.credentials.mutex.Unlock()
	old, next := bootstrapKey(s.credentials.server), bootstrapKey(request.NewToken)
	err = s.withDatastore(r.Context(), func(ctx context.Context, client *clientv3.Client) error {
		if old == next {
			return nil
		}
		_, err := client.Txn(ctx).Then(clientv3.OpPut(next, ""), clientv3.OpDelete(old)).Commit()
		return err
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.credentials.server = request.NewToken
}
