package controlplane

import (
	"encoding/base64"
	"fmt"
	"net"
	"path/filepath"

	"sigs.k8s.io/yaml"

	"github.com/skerry-dev/skerry/runtime/internal/lab/authority"
)

// leaf is a certificate that K3s issues at startup.
type leaf struct {
	name      string
	authority string
	request   authority.Request
}

func (s *server) leaves() []leaf {
	apiNames := append([]string{
		"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost",
		s.Hostname, s.Address, s.ClusterAddress, firstAddress(s.serviceCIDR()),
	}, s.config.List("tls-san")...)
	return []leaf{
		{"serving-kube-apiserver", "server-ca", authority.Request{CommonName: "kube-apiserver", Hosts: apiNames}},
		{"client-kube-apiserver", "client-ca", authority.Request{CommonName: "system:apiserver", Organization: []string{"system:masters"}}},
		{"client-auth-proxy", "request-header-ca", authority.Request{CommonName: "system:auth-proxy"}},
		{"etcd/server", "etcd/server-ca", authority.Request{CommonName: "etcd-server", Hosts: []string{"localhost", s.Address}}},
		{"etcd/client", "etcd/server-ca", authority.Request{CommonName: "etcd-client"}},
		{"etcd/peer", "etcd/peer-ca", authority.Request{CommonName: "etcd-peer", Hosts: []string{"localhost", s.Address}}},
	}
}

// writeCertificates writes the bundles of the authorities, new leaf certificates, and the kubeconfigs of the clients.
func (s *server) writeCertificates() error {
	for name, ca := range s.authorities {
		if _, err := s.write("tls/"+name+".crt", ca.Bundle()); err != nil {
			return err
		}
	}
	// The controller manager requires a single signing certificate and rejects a chain.
	signing := map[string][]byte{
		"client-ca.nochain.crt": s.authorities["client-ca"].Certificate(),
		"client-ca.key":         s.files["client-ca.key"],
		"service.key":           s.files["service.key"],
	}
	for name, content := range signing {
		if _, err := s.write("tls/"+name, content); err != nil {
			return err
		}
	}
	for _, leaf := range s.leaves() {
		certificate, key, err := s.authorities[leaf.authority].Issue(leaf.request)
		if err != nil {
			return fmt.Errorf("%s: %w", leaf.name, err)
		}
		if _, err := s.write("tls/"+leaf.name+".crt", certificate); err != nil {
			return err
		}
		if _, err := s.write("tls/"+leaf.name+".key", key); err != nil {
			return err
		}
	}
	for _, client := range clients {
		content, err := s.kubeconfig(s.url(), client.name)
		if err != nil {
			return err
		}
		if _, err := s.write(client.name+".kubeconfig", content); err != nil {
			return err
		}
	}
	content, err := s.kubeconfig(s.clusterURL(), "admin")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(s.ClusterDir, ClusterKubeconfig), content)
}

// kubeconfig renders the kubeconfig of a client for one endpoint.
func (s *server) kubeconfig(url, client string) ([]byte, error) {
	return yaml.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": "lab",
		"clusters": []any{map[string]any{"name": "lab", "cluster": map[string]any{
			"server":                     url,
			"certificate-authority-data": base64.StdEncoding.EncodeToString(s.authorities["server-ca"].Bundle()),
		}}},
		"users":    []any{map[string]any{"name": "lab", "user": map[string]any{"token": s.clientToken(client)}}},
		"contexts": []any{map[string]any{"name": "lab", "context": map[string]any{"cluster": "lab", "user": "lab"}}},
	})
}

// firstAddress returns the first address of the service range, which service "kubernetes" gets.
func firstAddress(cidr string) string {
	_, network, err := net.ParseCIDR(cidr)
	if err != nil {
		return "10.43.0.1"
	}
	ip := network.IP.To4()
	ip[3]++
	return ip.String()
}

func (s *server) serviceCIDR() string { return s.config.String("service-cidr", "10.43.0.0/16") }
func (s *server) clusterCIDR() string { return s.config.String("cluster-cidr", "10.42.0.0/16") }
