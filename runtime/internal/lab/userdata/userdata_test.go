package userdata

import (
	"strings"
	"testing"
)

const agentData = `#cloud-config
write_files:
  - path: /etc/rancher/k3s/config.yaml
    content: |
      server: https://192.0.2.1:6443
      token: secret
      node-label: [a=1, b=2]
  - path: /etc/rancher/k3s/config.yaml.d/10-more.yaml
    encoding: b64
    content: bm9kZS10YWludDogYT1iOk5vU2NoZWR1bGUKdG9rZW46IG5ld2VyCg==
runcmd:
  - [systemctl, enable, --now, k3s-agent]
`

func TestParseMergesDropIns(t *testing.T) {
	machine, err := Parse(agentData)
	if err != nil {
		t.Fatal(err)
	}
	if machine.Role != Agent {
		t.Errorf("got role %s, want %s", machine.Role, Agent)
	}
	if got := machine.Config.String("token", ""); got != "newer" {
		t.Errorf("got token %q, want the drop-in's", got)
	}
	if got := strings.Join(machine.Config.List("node-label"), ","); got != "a=1,b=2" {
		t.Errorf("got labels %q", got)
	}
	if got := strings.Join(machine.Config.List("node-taint"), ","); got != "a=b:NoSchedule" {
		t.Errorf("got taints %q", got)
	}
}

func TestParseReadsCompressedFiles(t *testing.T) {
	// Made with: printf hello | gzip -n | base64
	written := "write_files:\n  - {path: /etc/motd, encoding: gz+b64, content: H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA==}"
	machine, err := Parse(strings.Replace(agentData, "write_files:", written, 1))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(machine.Files["/etc/motd"]); got != "hello" {
		t.Errorf("got %q, want hello", got)
	}
}

func TestParseRejectsInvalidUserData(t *testing.T) {
	for name, change := range map[string]struct{ old, new, want string }{
		"not a cloud-config": {"#cloud-config", "#!/bin/sh", "cloud-config"},
		"no unit":            {"k3s-agent]", "chrony]", "never start"},
		"no config":          {"/etc/rancher/k3s/", "/etc/other/", "user data must write"},
		"unknown key":        {"server:", "sevrer:", "flag provided but not defined: sevrer"},
		"server key":         {"server:", "cluster-cidr: 10.0.0.0/8\n      server:", "cluster-cidr"},
		"not YAML":           {"write_files:", "write_files: [", "must be valid YAML"},
		"encoding":           {"encoding: b64", "encoding: gzip", "unsupported encoding"},
	} {
		_, err := Parse(strings.ReplaceAll(agentData, change.old, change.new))
		if err == nil || !strings.Contains(err.Error(), change.want) {
			t.Errorf("%s: got error %v, want one that contains %q", name, err, change.want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error contains the token", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(agentData)
	f.Fuzz(func(_ *testing.T, text string) { _, _ = Parse(text) })
}
