package controlplane

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/transport"
	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/storage/wal"
	"k8s.io/klog/v2"
)

// Ports of etcd.
const (
	etcdClientPort = 2379
	etcdPeerPort   = 2380
)

// Files in the directory of etcd's data.
const (
	// votingFile exists once this server has been a voting member.
	votingFile = "voting"
	// tombstoneFile exists once this server has been removed from the cluster. K3s then waits until its data is deleted.
	tombstoneFile = "tombstone"
)

// memberPoll is how often a server that starts checks its member.
const memberPoll = 200 * time.Millisecond

// errRemoved is the error of a member that was removed from the cluster.
var errRemoved = errors.New("this server was removed from etcd")

func (s *server) etcdURL(port int) url.URL {
	return url.URL{Scheme: "https", Host: fmt.Sprintf("%s:%d", s.Address, port)}
}

func (s *server) etcdFile(name string) string { return s.path("db/etcd", name) }

// IsMember reports whether the server of a machine's directory has been a member of its cluster's etcd.
func IsMember(dir string) bool {
	_, err := os.Stat((&server{dir: dir}).etcdFile(votingFile))
	return err == nil
}

// memberName returns the name of the etcd member. As in K3s, it starts with the hostname and differs between two machines with
// the same hostname.
func (s *server) memberName() string { return s.Hostname + "-" + s.MachineID[:8] }

// member is this server's running etcd.
type member struct {
	*embed.Etcd
	s *server
}

// startEtcd runs etcd on the machine's address, and returns once this server is a voting member and the cluster has a leader.
// A server without data creates a cluster or joins one, as its configuration says; one with data starts again with it.
func (s *server) startEtcd(ctx context.Context) (*member, error) {
	if _, err := os.Stat(s.etcdFile(tombstoneFile)); err == nil {
		return nil, errRemoved
	}
	joinURL := s.config.String("server", "")
	if _, err := os.Stat(s.etcdFile(votingFile)); err != nil && joinURL == "" {
		// A birth that was interrupted has stored nothing yet, and etcd might not be able to continue it.
		if err := os.RemoveAll(s.path("db/etcd")); err != nil {
			return nil, err
		}
	}
	config := s.etcdConfig()
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	joining := joinURL != "" && !wal.Exist(filepath.Join(config.Dir, "member", "wal"))
	if joining {
		cluster, err := s.join(ctx, joinURL)
		if err != nil {
			return nil, err
		}
		config.InitialCluster, config.ClusterState = cluster, embed.ClusterStateFlagExisting
	}
	m, err := s.startMember(ctx, config, joining)
	if errors.Is(err, errUnpublished) {
		m, err = s.startMember(ctx, config, false)
	}
	if err != nil {
		return nil, err
	}
	_, err = s.write("db/etcd/"+votingFile, nil)
	return m, err
}

// startMember starts etcd and waits until it is a voting member.
func (s *server) startMember(ctx context.Context, config *embed.Config, joining bool) (*member, error) {
	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return nil, fmt.Errorf("etcd: %w", err)
	}
	m := &member{etcd, s}
	if err := m.waitVoting(ctx, joining); err != nil {
		// Close would first wait until the member is published.
		etcd.Server.HardStop()
		etcd.Close()
		return nil, err
	}
	return m, nil
}

// etcdConfig returns the configuration of etcd without the members. It does not sync writes to disk: the lab survives a killed
// process but not a power failure.
func (s *server) etcdConfig() *embed.Config {
	config := embed.NewConfig()
	config.Name = s.memberName()
	config.Dir = s.path("db/etcd")
	config.UnsafeNoFsync = true
	config.LogLevel = "error"
	config.LogOutputs = []string{"stderr"}
	config.ElectionMs = uint(s.settings.Election.Milliseconds())
	config.TickMs = config.ElectionMs / 10
	clients, peers := []url.URL{s.etcdURL(etcdClientPort)}, []url.URL{s.etcdURL(etcdPeerPort)}
	config.ListenClientUrls, config.AdvertiseClientUrls = clients, clients
	config.ListenPeerUrls, config.AdvertisePeerUrls = peers, peers
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
	return config
}

// publishTimeout is how long a new member may take to publish its name, which usually takes some milliseconds.
const publishTimeout = time.Second

// errUnpublished means that etcd lost the publication of a new member's name, because it received a snapshot at that moment. It
// repeats the publication only after several seconds; started again with the snapshot, it publishes at once.
var errUnpublished = errors.New("the member is not published")

// waitVoting waits until the cluster has a leader, and promotes this member if it is a learner.
func (m *member) waitVoting(ctx context.Context, joining bool) error {
	m.s.report("booting", "etcd is waiting for a majority of its members")
	ticker := time.NewTicker(memberPoll)
	defer ticker.Stop()
	var since time.Time
	for ready := false; !ready; {
		select {
		case <-m.Server.ReadyNotify():
			ready = true
		case err := <-m.Err():
			return fmt.Errorf("etcd: %w", err)
		case <-m.Server.StopNotify():
			return m.stopped(ctx)
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
			known := m.Server.Cluster().Member(m.Server.MemberID()) != nil
			if known && since.IsZero() {
				since = time.Now()
			}
			if joining && known && time.Since(since) > publishTimeout {
				return errUnpublished
			}
		}
	}
	id := uint64(m.Server.MemberID())
	for m.Server.IsLearner() {
		m.s.report("joining", "etcd is copying its data to this server")
		if _, err := m.Server.PromoteMember(ctx, id); err != nil {
			klog.V(1).InfoS("Not promoted yet", "member", m.s.memberName(), "reason", err)
		}
		select {
		case <-m.Server.StopNotify():
			return m.stopped(ctx)
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
	return nil
}

// watch returns when etcd ends. Only a removal from the cluster, or a failure, ends it before the context.
func (m *member) watch(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-m.Err():
		return err
	case <-m.Server.StopNotify():
		return m.stopped(ctx)
	}
}

// stopped returns why etcd stopped by itself. A voting member that was removed leaves a tombstone. A learner that was removed,
// because it did not make progress, deletes its data and joins again.
func (m *member) stopped(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	voted := IsMember(m.s.dir)
	removed := voted && m.Server.Cluster().Member(m.Server.MemberID()) == nil
	if !removed {
		members, err := m.s.fetchMembers(ctx, m.s.clusterURL())
		if err != nil {
			return fmt.Errorf("etcd stopped, and its members are unknown: %w", err)
		}
		removed = !contains(members, m.s.memberName())
	}
	if !removed {
		return errors.New("etcd stopped unexpectedly")
	}
	if voted {
		if _, err := m.s.write("db/etcd/"+tombstoneFile, nil); err != nil {
			return err
		}
		return errRemoved
	}
	if err := os.RemoveAll(m.s.path("db/etcd")); err != nil {
		return err
	}
	return errors.New("this learner was removed from etcd before it was promoted; joining again")
}

func (m *member) isLeader() bool { return m.Server.Leader() == m.Server.MemberID() }
