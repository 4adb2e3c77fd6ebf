package controlplane

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/transport"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/etcdserver/api/membership"
	"k8s.io/apiserver/pkg/authentication/user"

	"github.com/skerry-dev/skerry/runtime/internal/lab/agent"
)

const (
	joinRetryInterval = time.Second
	memberCallTimeout = 10 * time.Second
)

// membersPath is the path of K3s on which servers publish the members of etcd.
const membersPath = "/db/info"

// memberInfo is a member of etcd as its servers publish it.
type memberInfo struct {
	ID         uint64   `json:"id"`
	Name       string   `json:"name"`
	PeerURLs   []string `json:"peerURLs"`
	ClientURLs []string `json:"clientURLs"`
	Learner    bool     `json:"learner"`
}

func contains(members []memberInfo, name string) bool {
	for _, each := range members {
		if each.Name == name {
			return true
		}
	}
	return false
}

func (s *server) serveMembers(w http.ResponseWriter, _ *http.Request, _ user.Info) {
	_ = json.NewEncoder(w).Encode(toInfo(s.etcd.Server.Cluster().Members()))
}

func toInfo(members []*membership.Member) []memberInfo {
	list := make([]memberInfo, len(members))
	for i, each := range members {
		list[i] = memberInfo{uint64(each.ID), each.Name, each.PeerURLs, each.ClientURLs, each.IsLearner}
	}
	return list
}

// fetch requests a path of the cluster with the server token.
func (s *server) fetch(ctx context.Context, url, path string, into any) error {
	body, err := agent.FetchAsServer(ctx, url, s.serverToken(), path)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}

func (s *server) fetchMembers(ctx context.Context, url string) ([]memberInfo, error) {
	var members []memberInfo
	err := s.fetch(ctx, url, membersPath, &members)
	return members, err
}

// join adds this server to etcd as a learner, and returns etcd's list of members. It retries until the cluster accepts it: a
// server that joins never creates a cluster.
func (s *server) join(ctx context.Context, url string) (initialCluster string, err error) {
	s.report("joining", "connecting to "+url)
	for {
		initialCluster, err := s.tryJoin(ctx, url)
		if err == nil {
			return initialCluster, nil
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		s.report("joining", fmt.Sprintf("waiting for the cluster at %s: %v", url, err))
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(joinRetryInterval):
		}
	}
}

func (s *server) tryJoin(ctx context.Context, url string) (string, error) {
	members, err := s.fetchMembers(ctx, url)
	if err != nil {
		return "", err
	}
	client, err := s.connectMembers(members)
	if err != nil {
		return "", err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, memberCallTimeout)
	defer cancel()
	peer := s.etcdURL(etcdPeerPort)
	for _, each := range members {
		if err := s.checkMember(each, peer.String()); err == nil {
			continue
		} else if !errors.Is(err, errAbortedJoin) {
			return "", err
		}
		if _, err := client.MemberRemove(ctx, each.ID); err != nil {
			return "", fmt.Errorf("removing the member of an interrupted join: %w", err)
		}
	}
	// etcd accepts one learner at a time.
	added, err := client.MemberAddAsLearner(ctx, []string{peer.String()})
	if err != nil {
		return "", err
	}
	var cluster []string
	for _, each := range added.Members {
		name := each.Name
		if each.ID == added.Member.ID {
			name = s.memberName()
		}
		for _, peer := range each.PeerURLs {
			cluster = append(cluster, name+"="+peer)
		}
	}
	return strings.Join(cluster, ","), nil
}

// errAbortedJoin marks the member of this machine from a join that was interrupted before etcd had stored anything.
var errAbortedJoin = errors.New("this machine is already a member")

// checkMember returns an error if this server cannot join beside an existing member.
func (s *server) checkMember(existing memberInfo, peer string) error {
	sharesPeer := false
	for _, each := range existing.PeerURLs {
		sharesPeer = sharesPeer || each == peer
	}
	switch {
	// A member that never started has no name.
	case existing.Name == s.memberName(), existing.Name == "" && sharesPeer:
		return errAbortedJoin
	case sharesPeer, strings.HasPrefix(existing.Name, s.Hostname+"-") && len(existing.Name) == len(s.memberName()):
		return fmt.Errorf("etcd still has member %s of a machine that this one replaces; delete the Node of that machine", existing.Name)
	}
	return nil
}

// connectMembers returns a client of the voting members.
func (s *server) connectMembers(members []memberInfo) (*clientv3.Client, error) {
	info := transport.TLSInfo{
		CertFile: s.path("tls/etcd/client.crt"), KeyFile: s.path("tls/etcd/client.key"), TrustedCAFile: s.path("tls/etcd/server-ca.crt"),
	}
	config, err := info.ClientConfig()
	if err != nil {
		return nil, err
	}
	var endpoints []string
	for _, each := range members {
		if !each.Learner {
			endpoints = append(endpoints, each.ClientURLs...)
		}
	}
	return clientv3.New(clientv3.Config{Endpoints: endpoints, TLS: config, DialTimeout: memberCallTimeout})
}
