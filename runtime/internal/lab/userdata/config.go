package userdata

import (
	"fmt"
	"sort"
	"strings"
)

// Config is a K3s configuration: values by flag name, without leading dashes.
type Config map[string]any

// agentKeys are the configuration keys of both `k3s agent` and `k3s server`. Source: K3s command-line reference.
var agentKeys = newSet(`bind-address data-dir debug disable-apiserver-lb disable-default-registry-endpoint flannel-iface
	kube-proxy-arg kubelet-arg lb-server-port log node-external-dns node-external-ip node-internal-dns node-ip node-label
	node-name node-taint prefer-bundled-bin private-registry protect-kernel-defaults resolv-conf selinux server
	snapshotter token token-file v vpn-auth vpn-auth-file with-node-id`)

// serverKeys are the configuration keys of `k3s server` only.
var serverKeys = newSet(`advertise-address advertise-port agent-token agent-token-file cluster-cidr cluster-dns
	cluster-domain cluster-init cluster-reset cluster-reset-restore-path datastore-endpoint disable
	disable-cloud-controller disable-helm-controller disable-kube-proxy disable-network-policy egress-selector-mode
	embedded-registry etcd-arg etcd-disable-snapshots etcd-expose-metrics etcd-s3 etcd-s3-access-key etcd-s3-bucket
	etcd-s3-config-secret etcd-s3-endpoint etcd-s3-endpoint-ca etcd-s3-folder etcd-s3-insecure etcd-s3-proxy
	etcd-s3-region etcd-s3-retention etcd-s3-secret-key etcd-s3-session-token etcd-s3-skip-ssl-verify etcd-s3-timeout
	etcd-snapshot-compress etcd-snapshot-dir etcd-snapshot-name etcd-snapshot-retention etcd-snapshot-schedule-cron
	flannel-backend flannel-external-ip https-listen-port kube-apiserver-arg kube-controller-manager-arg
	kube-scheduler-arg secrets-encryption secrets-encryption-provider service-cidr service-node-port-range
	servicelb-namespace tls-san tls-san-security write-kubeconfig-mode`)

func newSet(text string) map[string]bool {
	set := map[string]bool{}
	for _, key := range strings.Fields(text) {
		set[key] = true
	}
	return set
}

// validate returns an error that names every key with which K3s would not start.
func (c Config) validate(role Role) error {
	var unknown []string
	for key := range c {
		if !agentKeys[key] && !(role == Server && serverKeys[key]) {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) > 0 {
		sort.Strings(unknown)
		return fmt.Errorf("K3s %s would not start: flag provided but not defined: %s", role, strings.Join(unknown, ", "))
	}
	return nil
}

// String returns a value as text, or the fallback if the key is not set.
func (c Config) String(key, fallback string) string {
	if value, ok := c[key]; ok {
		return fmt.Sprint(value)
	}
	return fallback
}

// Bool reports whether a value is true.
func (c Config) Bool(key string) bool { return c.String(key, "false") == "true" }

// List returns the values of a key that holds either one value or a list.
func (c Config) List(key string) []string {
	switch value := c[key].(type) {
	case nil:
		return nil
	case []any:
		list := make([]string, 0, len(value))
		for _, item := range value {
			list = append(list, fmt.Sprint(item))
		}
		return list
	default:
		return []string{fmt.Sprint(value)}
	}
}
