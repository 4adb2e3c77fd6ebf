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

// bootstrapPrefix is the prefix of the key with the bootstrap data, which is encrypted with the server token. The name of the
// key is a hash of the token, so a snapshot is useless without the token of its time.
const bootstrapPrefix = "/bootstrap/"

// bootstrapData is what all servers of a cluster share, and a snapshot must contain. K3s also keeps the authorities there; the
// lab's servers read them from parameters.
type bootstrapData struct {
	EncryptionConfig []byte `json:"encryptionConfig,omitempty"`
}

var errOtherToken = errors.New("bootstrap data already found and encrypted with different token")

// passwordHash returns the hash of the password of a server token, with which K3s marks what is encrypted with it.
func passwordHash(password string) string {
	sum := sha256.Sum256([]byte(password))
	return hex.EncodeToString(sum[:])[:12]
}

func bootstrapKey(password string) string { return bootstrapPrefix + passwordHash(password) }

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

// serverToken returns the current server token.
func (s *server) serverToken() token.Token {
	return token.Token{Hash: s.tokenHash, Password: s.passwords().server}
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
	s.tokenHash = server.Hash
	s.credentials.credentials = credentials{server.Password, agent.Password}
	return nil
}

// withDatastore calls use with a client of etcd, for short requests.
func (s *server) withDatastore(ctx context.Context, use func(context.Context, *clientv3.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, datastoreTimeout)
	defer cancel()
	return s.useDatastore(ctx, func(client *clientv3.Client) error { return use(ctx, client) })
}

// useDatastore calls use with a client of etcd.
func (s *server) useDatastore(ctx context.Context, use func(*clientv3.Client) error) error {
	info := transport.TLSInfo{
		CertFile: s.path("tls/etcd/client.crt"), KeyFile: s.path("tls/etcd/client.key"),
		TrustedCAFile: s.path("tls/etcd/server-ca.crt"),
	}
	config, err := info.ClientConfig()
	if err != nil {
		return err
	}
	client, err := clientv3.New(clientv3.Config{
		Context: ctx, Endpoints: []string{urlText(s.etcdURL(etcdClientPort))}, TLS: config, DialTimeout: datastoreTimeout,
	})
	if err != nil {
		return err
	}
	defer client.Close()
	return use(client)
}

// openBootstrapData decrypts the bootstrap data of the cluster and writes its files. The server that creates the cluster creates
// them. It returns an error if the datastore is encrypted with another server token.
func (s *server) openBootstrapData(ctx context.Context) error {
	return s.withDatastore(ctx, func(ctx context.Context, client *clientv3.Client) error {
		found, err := client.Get(ctx, bootstrapPrefix, clientv3.WithPrefix())
		if err != nil {
			return err
		}
		if len(found.Kvs) == 0 {
			return s.createBootstrapData(ctx, client)
		}
		password := s.passwords().server
		for _, pair := range found.Kvs {
			if string(pair.Key) == bootstrapKey(password) {
				return s.readBootstrapData(password, string(pair.Value))
			}
		}
		return errOtherToken
	})
}

func (s *server) createBootstrapData(ctx context.Context, client *clientv3.Client) error {
	var data bootstrapData
	if s.config.Bool("secrets-encryption") {
		content, err := newEncryptionConfig(s.config.String("secrets-encryption-provider", "aescbc"))
		if err != nil {
			return err
		}
		data.EncryptionConfig = content
	}
	plain, err := json.Marshal(data)
	if err != nil {
		return err
	}
	password := s.passwords().server
	text, err := encryptBootstrap(password, plain)
	if err != nil {
		return err
	}
	if _, err := client.Put(ctx, bootstrapKey(password), text); err != nil {
		return err
	}
	return s.readBootstrapData(password, text)
}

func (s *server) readBootstrapData(password, text string) error {
	plain, err := decryptBootstrap(password, text)
	if err != nil {
		return err
	}
	var data bootstrapData
	if err := json.Unmarshal(plain, &data); err != nil || len(data.EncryptionConfig) == 0 {
		return err
	}
	_, err = s.write(encryptionConfigFile, data.EncryptionConfig)
	return err
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
	old, next := s.credentials.server, request.NewToken
	err = s.withDatastore(r.Context(), func(ctx context.Context, client *clientv3.Client) error {
		if old == next {
			return nil
		}
		found, err := client.Get(ctx, bootstrapKey(old))
		if err != nil {
			return err
		}
		if len(found.Kvs) == 0 {
			return errOtherToken
		}
		plain, err := decryptBootstrap(old, string(found.Kvs[0].Value))
		if err != nil {
			return err
		}
		text, err := encryptBootstrap(next, plain)
		if err != nil {
			return err
		}
		_, err = client.Txn(ctx).Then(clientv3.OpPut(bootstrapKey(next), text), clientv3.OpDelete(bootstrapKey(old))).Commit()
		return err
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.credentials.server = request.NewToken
}
