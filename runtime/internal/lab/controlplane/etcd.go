package controlplane

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/transport"
	"go.etcd.io/etcd/server/v3/embed"
)

// etcdStartTimeout limits how long etcd takes to start from its data.
const etcdStartTimeout = 60 * time.Second

func (s *server) etcdURL(port int) url.URL {
	return url.URL{Scheme: "https", Host: fmt.Sprintf("%s:%d", s.Address, port)}
}

// startEtcd runs etcd on the machine's address. It does not sync writes to disk: the lab survives a killed process but not a
// power failure.
func (s *server) startEtcd(ctx context.Context) (stop func(), err error) {
	config := embed.NewConfig()
	config.Name = s.Hostname
	config.Dir = s.path("etcd")
	config.UnsafeNoFsync = true
	config.LogLevel = "error"
	config.LogOutputs = []string{"stderr"}
	clients, peers := []url.URL{s.etcdURL(2379)}, []url.URL{s.etcdURL(2380)}
	config.ListenClientUrls, config.AdvertiseClientUrls = clients, clients
	config.ListenPeerUrls, config.AdvertisePeerUrls = peers, peers
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.ClientTLSInfo = transport.TLSInfo{
		CertFile: s.path("tls/etcd/server.crt"), KeyFile: s.path("tls/etcd/server.key"),
		TrustedCAFile: s.path("tls/etcd/server-ca.crt"), ClientCertAuth: true,
	}
	config.PeerTLSInfo = transport.TLSInfo{
		CertFile: s.path("tls/etcd/peer.crt"), KeyFile: s.path("tls/etcd/peer.key"),
		TrustedCAFile: s.path("tls/etcd/peer-ca.crt"), ClientCertAuth: true,
	}
	config.AutoCompactionMode = "periodic"
	config.AutoCompactionRetention = "5m"
	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return nil, fmt.Errorf("etcd: %w", err)
	}
	select {
	case <-etcd.Server.ReadyNotify():
		return etcd.Close, nil
	case err := <-etcd.Err():
		return nil, fmt.Errorf("etcd: %w", err)
	case <-time.After(etcdStartTimeout):
		etcd.Close()
		return nil, fmt.Errorf("etcd: not ready within %s", etcdStartTimeout)
	case <-ctx.Done():
		etcd.Close()
		return nil, ctx.Err()
	}
}
