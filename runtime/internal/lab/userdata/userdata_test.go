package userdata

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/skerry-dev/skerry/runtime/internal/lab/parameters"
)

const fixtures = "../../../../test/fixtures/user-data/"

// read returns user data as the fleet renders it.
func read(t testing.TB, role Role) string {
	t.Helper()
	text, err := os.ReadFile(fixtures + string(role) + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func parse(t *testing.T, text string) *Machine {
	t.Helper()
	machine, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return machine
}

func TestParseReadsRenderedUserData(t *testing.T) {
	agent := parse(t, read(t, Agent))
	if agent.Role != Agent || agent.Document.Cluster != "frankfurt" || agent.Config.String("server", "") != "https://192.0.2.1:6443" {
		t.Errorf("got %+v", agent)
	}
	if got := strings.Join(agent.Config.List("node-taint"), ","); got != "dedicated=iot:NoSchedule" {
		t.Errorf("got taints %q", got)
	}
	server := parse(t, read(t, Server))
	if server.Role != Server || server.Document.Birth != "birth" || len(server.Document.Files) != 13 {
		t.Errorf("got %+v", server.Document)
	}
}

const dropIn = `write_files:
- path: /etc/rancher/k3s/config.yaml.d/10-more.yaml
  encoding: b64
  content: bm9kZS10YWludDogYT1iOk5vU2NoZWR1bGUKdG9rZW46IG5ld2VyCg==
`

func TestParseMergesDropIns(t *testing.T) {
	machine := parse(t, strings.Replace(read(t, Agent), "write_files:\n", dropIn, 1))
	if got := machine.Config.String("token", ""); got != "newer" {
		t.Errorf("got token %q, want the drop-in's", got)
	}
	if got := strings.Join(machine.Config.List("node-taint"), ","); got != "a=b:NoSchedule" {
		t.Errorf("got taints %q", got)
	}
}

func TestParseReadsCompressedFiles(t *testing.T) {
	// Made with: printf hello | gzip -n | base64
	written := "write_files:\n- {path: /etc/motd, encoding: gz+b64, content: H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA==}"
	machine, err := Parse(strings.Replace(read(t, Agent), "write_files:", written, 1))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(machine.PlainFiles()["/etc/motd"]); got != "hello" {
		t.Errorf("got %q, want hello", got)
	}
}

func TestParseRejectsInvalidUserData(t *testing.T) {
	for name, change := range map[string]struct{ old, new, want string }{
		"not a cloud-config":  {"#cloud-config", "#!/bin/sh", "cloud-config"},
		"no unit":             {"- k3s-agent", "- chrony", "never start"},
		"no config":           {"/etc/rancher/k3s/config.yaml", "/etc/other", "user data must write"},
		"unknown key":         {"server:", "sevrer:", "flag provided but not defined: sevrer"},
		"server key":          {"server:", "cluster-cidr: 10.0.0.0/8\n    server:", "cluster-cidr"},
		"not YAML":            {"write_files:", "write_files: [", "must be valid YAML"},
		"encoding":            {"permissions: \"0600\"", "encoding: gzip\n  permissions: \"0600\"", "unsupported encoding"},
		"no machine document": {"/etc/skerry/machine.json", "/etc/other.json", "user data must write /etc/skerry/machine.json"},
		"unit of other role":  {"- k3s-agent", "- k3s", "role: must be server, the role of the unit that runcmd enables, got agent"},
		"unknown field":       {`"host":`, `"token": "hunter2", "host":`, "machine.json"},
		"other version":       {"machine/v1", "machine/v2", "apiVersion: must be skerry.dev/machine/v1"},
		"no host":             {`"host": "192.0.2.1"`, `"host": ""`, "host: must not be empty"},
		"relative path":       {`"path": "/etc/`, `"path": "etc/`, "files[0].path: must be an absolute path"},
		"restore of an agent": {`"host":`, `"restore": "restore", "host":`, "restore: must be set for servers only"},
		"birth of an agent":   {`"host":`, `"birth": "birth", "host":`, "birth: must be set for servers only"},
	} {
		text := read(t, Agent)
		if !strings.Contains(text, change.old) {
			t.Fatalf("%s: the user data does not contain %q", name, change.old)
		}
		_, err := Parse(strings.ReplaceAll(text, change.old, change.new))
		if err == nil || !strings.Contains(err.Error(), change.want) {
			t.Errorf("%s: got error %v, want one that contains %q", name, err, change.want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error contains a value", name)
		}
	}
}

func TestDocumentNamesAllProblemsAtOnce(t *testing.T) {
	text := strings.ReplaceAll(read(t, Agent), `"host": "192.0.2.1"`, `"host": ""`)
	_, err := Parse(strings.ReplaceAll(text, `"port": 6443`, `"port": 0`))
	if err == nil || !strings.Contains(err.Error(), "host: ") || !strings.Contains(err.Error(), "port: ") {
		t.Errorf("got error %v, want both problems", err)
	}
}

func openStore(t *testing.T) *parameters.Store {
	t.Helper()
	store, err := parameters.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func secureToken(user, password string) string {
	return fmt.Sprintf("K10%s::%s:%s", strings.Repeat("ab", 32), user, password)
}

func TestResolveReadsFilesFromParameters(t *testing.T) {
	store, server := openStore(t), parse(t, read(t, Server))
	for _, file := range server.Document.Files {
		value := "content of " + file.Parameter
		switch file.Parameter {
		case "server-token":
			value = secureToken("server", "hunter2") + "\n"
		case "agent-token":
			value = secureToken("node", "hunter3")
		}
		if err := store.Put(server.Document.FullName(file.Parameter), value); err != nil {
			t.Fatal(err)
		}
	}
	if err := server.Resolve(store); err != nil {
		t.Fatal(err)
	}
	if got, want := server.Config.String("token", ""), secureToken("server", "hunter2"); got != want {
		t.Errorf("got token %q, want %q", got, want)
	}
	if got, want := server.Config.String("agent-token", ""), secureToken("node", "hunter3"); got != want {
		t.Errorf("got agent token %q, want %q", got, want)
	}
	tls := server.TLS()
	if len(tls) != 11 || string(tls["etcd/peer-ca.key"]) != "content of tls/etcd/peer-ca.key" {
		t.Errorf("got %d files in server/tls", len(tls))
	}
}

func TestResolveNamesEveryParameterThatIsMissingOrMalformed(t *testing.T) {
	store, server := openStore(t), parse(t, read(t, Server))
	err := server.Resolve(store)
	for _, file := range server.Document.Files {
		if name := server.Document.FullName(file.Parameter); err == nil || !strings.Contains(err.Error(), "parameter not found: "+name) {
			t.Errorf("got error %v, want one that names %s", err, name)
		}
	}
	agent := parse(t, read(t, Agent))
	if err := store.Put("/skerry/local/frankfurt/agent-token", "K10hunter2"); err != nil {
		t.Fatal(err)
	}
	err = agent.Resolve(store)
	const want = "/etc/rancher/k3s/agent-token (parameter /skerry/local/frankfurt/agent-token): invalid token format"
	if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got error %v, want %q and no value", err, want)
	}
	other := parse(t, strings.ReplaceAll(read(t, Agent), "token-file: /etc/rancher/k3s/agent-token", "token-file: /etc/none"))
	if err := other.Resolve(store); err == nil || !strings.Contains(err.Error(), "no file /etc/none") {
		t.Errorf("got error %v, want one that names the missing file", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(read(f, Agent))
	f.Add(read(f, Server))
	f.Fuzz(func(_ *testing.T, text string) { _, _ = Parse(text) })
}

func TestPlainFilesAreNoSecrets(t *testing.T) {
	store, server := openStore(t), parse(t, read(t, Server))
	for _, file := range server.Document.Files {
		value := "content of " + file.Parameter
		if strings.HasSuffix(file.Parameter, "-token") {
			value = secureToken("server", "hunter2")
		}
		if _, err := store.Create(server.Document.FullName(file.Parameter), value); err != nil {
			t.Fatal(err)
		}
	}
	if err := server.Resolve(store); err != nil {
		t.Fatal(err)
	}
	files := server.PlainFiles()
	for _, want := range []string{"/etc/rancher/k3s/audit.yaml", "/etc/rancher/k3s/admission.yaml"} {
		if len(files[want]) == 0 {
			t.Errorf("%s is missing", want)
		}
	}
	for _, file := range server.Document.Files {
		if _, found := files[file.Path]; found {
			t.Errorf("got %s, which is a secret", file.Path)
		}
	}
	for _, not := range []string{"/etc/rancher/k3s/config.yaml", "/etc/skerry/machine.json"} {
		if _, found := files[not]; found {
			t.Errorf("got %s, which the lab itself reads", not)
		}
	}
}

func TestTheReleaseMustBeAVersionOfK3s(t *testing.T) {
	for version, valid := range map[string]bool{
		"v1.36.3+k3s1": true, "v1.36.3-rc2+k3s1": true, "v1.36.3": false, "1.36.3+k3s1": false, "v1.36.3+k3s1 --flag": false,
	} {
		release := fmt.Sprintf(`"k3s": {"version": %q, "source": "https://example.org", "sha256": {}}, "role"`, version)
		_, err := Parse(strings.Replace(read(t, Agent), `"role"`, release, 1))
		if (err == nil) != valid {
			t.Errorf("%s: got %v, want valid %v", version, err, valid)
		}
	}
}
