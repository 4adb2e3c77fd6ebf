package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skerry-dev/skerry/runtime/internal/programtest"
	"github.com/skerry-dev/skerry/runtime/pkg/sitestate"
)

// The test binary is site-sync if this variable is set.
const runSync = "SKERRY_TEST_RUN_SITE_SYNC"

func TestMain(m *testing.M) { programtest.Main(m, runSync, main) }

// call runs a command and returns what it prints.
func call(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	var output bytes.Buffer
	err := run(t.Context(), arguments, strings.NewReader(`{"from":"stdin"}`), &output, io.Discard)
	return strings.TrimSpace(output.String()), err
}

func mustCall(t *testing.T, arguments ...string) string {
	t.Helper()
	output, err := call(t, arguments...)
	if err != nil {
		t.Fatalf("%s: %v", strings.Join(arguments, " "), err)
	}
	return output
}

// place is a site, or the cloud, and its process.
type place struct {
	*programtest.Program
	name, database, address string
}

func newPlace(t *testing.T, name string, arguments ...string) *place {
	t.Helper()
	p := &place{name: name, database: filepath.Join(t.TempDir(), "state.db"), address: programtest.FreeAddress()}
	p.Program = programtest.New(t, runSync, p.address, append([]string{
		"run", "--site", name, "--database", p.database, "--http-address", p.address, "--client-id", "sync-" + name, "--compare-interval", "1s",
	}, arguments...)...)
	return p
}

func (p *place) records(t *testing.T) string {
	t.Helper()
	database, err := sitestate.Open(t.Context(), sitestate.Options{Path: p.database})
	if err != nil {
		return err.Error()
	}
	defer func() { _ = database.Close() }()
	records, err := database.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(records)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCommands(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	if _, err := call(t, "list", "--database", path); err == nil || !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("a database that is missing: %v", err)
	}
	created, err := sitestate.Open(t.Context(), sitestate.Options{Path: path, Site: "osaka"})
	if err != nil {
		t.Fatal(err)
	}
	if err := created.Close(); err != nil {
		t.Fatal(err)
	}
	mustCall(t, "set", "--database", path, "agents/gateway-1", `{"version":"1","a":"<b>"}`)
	mustCall(t, "set", "--database", path, "--scope", "*", "--schema", "3", "banner", "-")
	if got := mustCall(t, "get", "--database", path, "agents/gateway-1"); got != "{\n  \"version\": \"1\",\n  \"a\": \"\\u003cb\\u003e\"\n}" {
		t.Fatal(got)
	}
	if got := mustCall(t, "get", "--database", path, "--scope", "*", "--record", "banner"); !strings.Contains(got, `"from": "stdin"`) || !strings.Contains(got, `"schema": 3`) {
		t.Fatal(got)
	}
	if got := mustCall(t, "list", "--database", path, "agents/"); !strings.Contains(got, "osaka  agents/gateway-1  osaka") || strings.Contains(got, "banner") {
		t.Fatal(got)
	}
	if got := mustCall(t, "list", "--database", path, "--json", "nothing"); got != "[]" {
		t.Fatal(got)
	}
	mustCall(t, "delete", "--database", path, "agents/gateway-1")
	for expected, arguments := range map[string]string{
		"a command is required":                         "",
		`unknown command "put"`:                         "put",
		"--database: is required":                       "list",
		"agents/gateway-1: not found":                   "get --database " + path + " agents/gateway-1",
		"0 arguments: must have at least 1":             "get --database " + path,
		`unknown argument "c"`:                          "set --database " + path + " a b c",
		"value: must be JSON":                           "set --database " + path + " a {",
		"the record has a newer schema: 3":              "set --database " + path + " --scope * banner 1",
		`--site: "A": must be a DNS label`:              "run --site A --database x --broker mqtt://a",
		"--broker: is required":                         "run --site a --database x",
		"--site-broker: must not be set in the cloud":   "run --site cloud --database x --broker mqtt://a --site-broker mqtt://b",
		`--site-broker: "ftp://b": scheme must be one`:  "run --site a --database x --broker mqtt://a --site-broker ftp://b",
		"--retention: 1h0m0s: must be at least 24h":     "run --retention 1h",
		"--compare-interval: 0s: must be between 1s an": "run --compare-interval 0",
	} {
		if _, err := call(t, strings.Fields(arguments)...); err == nil || !strings.Contains(err.Error(), expected) {
			t.Errorf("%s: got %v, want %s", arguments, err, expected)
		}
	}
	if got := mustCall(t, "conflicts", "--database", path, "--json"); got != "[]" {
		t.Fatal(got)
	}
}

// TestArgumentsOfPods parses the arguments that charts render. Their database cannot be created here.
func TestArgumentsOfPods(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("..", "..", "..", "test", "fixtures", "site-sync-args.json"))
	if err != nil {
		t.Fatal(err)
	}
	pods := map[string][]string{}
	if err := json.Unmarshal(content, &pods); err != nil {
		t.Fatal(err)
	}
	if len(pods) != 3 {
		t.Errorf("%d pods", len(pods))
	}
	for name, arguments := range pods {
		missing := filepath.Join(t.TempDir(), "missing", "state.db")
		for index, each := range arguments {
			arguments[index] = strings.Replace(each, "/state/state.db", missing, 1)
		}
		if _, err := call(t, arguments...); err == nil || errors.Is(err, errUsage) || !strings.Contains(err.Error(), missing) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func value(n int) string { return fmt.Sprintf(`{"version":"%d"}`, n) }
