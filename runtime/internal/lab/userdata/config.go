package userdata

import (
	"fmt"
	"sort"
	"strings"
)

// Config is a K3s configuration: flag names without their dashes.
type Config map[string]any

// Flags of `k3s agent` that a configuration may hold; a server takes them too. Source: K3s's command-line reference.
var agentKeys = words(`bind-address data-dir debug disable-apiserver-lb disable-default-registry-endpoint flannel-iface
	kube-proxy-arg kubelet-arg lb-server-port log node-external-dns node-external-ip node-internal-dns node-ip node-label
	node-name node-taint prefer-bundled-bin private-registry protect-kernel-defaults resolv-conf selinux server
	snapshotter token token-file v vpn-auth vpn-auth-file with-node-id`)

// Further flags of `k3s server`.
var serverKeys = words(`advertise-address advertise-port agent-token agent-token-file cluster-cidr cluster-dns
	cluster-domain cluster-init cluster-reset cluster-reset-restore-path datastore-endpoint disable
	disable-cloud-controller disable-helm-controller disable-kube-proxy disable-network-policy egress-selector-mode
	embedded-registry etcd-arg etcd-disable-snapshots etcd-expose-metrics etcd-s3 etcd-s3-access-key etcd-s3-bucket
	etcd-s3-config-secret etcd-s3-endpoint etcd-s3-folder etcd-s3-region etcd-s3-retention etcd-s3-secret-key
	etcd-snapshot-compress etcd-snapshot-dir etcd-snapshot-name etcd-snapshot-retention etcd-snapshot-schedule-cron
	flannel-backend flannel-external-ip https-listen-port kube-apiserver-arg kube-controller-manager-arg
	kube-scheduler-arg secrets-encryption secrets-encryption-provider service-cidr service-node-port-range
	servicelb-namespace tls-san tls-san-security write-kubeconfig-mode`)

func words(text string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(text) {
		set[word] = true
	}
	return set
}

// check refuses keys that K3s would not start with, all of them at once.
func (c Config) check(role Role) error {
	var unknown []string
	for key := range c {
		if !agentKeys[key] && !(role == Server && serverKeys[key]) {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) > 0 {
		sort.Strings(unknown)
		return fmt.Errorf("K3s would not start as %s: flag provided but not defined: %s", role, strings.Join(unknown, ", "))
	}
	return nil
}

// String gives a value as text, or the fallback when it is not stated.
func (c Config) String(key, fallback string) string {
	if value, ok := c[key]; ok {
		return fmt.Sprint(value)
	}
	return fallback
}

// Bool tells whether a switch is on.
func (c Config) Bool(key string) bool { return c.String(key, "false") == "true" }

// List gives a value that may be stated once or as a list.
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
