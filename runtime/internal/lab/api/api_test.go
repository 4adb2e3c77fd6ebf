package api

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/lab/controlplane"
	"github.com/skerry-dev/skerry/runtime/internal/lab/machines"
	"github.com/skerry-dev/skerry/runtime/internal/lab/pods"
)

const (
	// secret is the password of a token; no response and no file outside the parameter store may contain it.
	secret    = "hunter2hunter2"
	parameter = "/v1/parameters/skerry/local/frankfurt/agent-token"
)

// newAPI returns a function that sends requests to the API of a lab in a directory.
func newAPI(t *testing.T, dir string) func(ctx context.Context, method, path, body string) (status int, response string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	manager, err := machines.Open(ctx, dir, controlplane.Settings{NodeLease: 40 * time.Second, Election: controlplane.DefaultElection}, logger, func(context.Context, machines.Cluster) {})
	if err != nil {
		t.Fatal(err)
	}
	handler := (&Server{Machines: manager, Pods: pods.NewRegistry(), Logs: Logs{Dir: dir}, Started: time.Now(), Stop: cancel}).Handler()
	return func(ctx context.Context, method, path, body string) (int, string) {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body)))
		return recorder.Code, recorder.Body.String()
	}
}

func TestParametersAreStoredButNeverReturned(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	call := newAPI(t, dir)
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{http.MethodPut, parameter, `{"value":"` + secret + `"}`, http.StatusOK},
		{http.MethodPut, parameter, `{"value":"` + secret, http.StatusBadRequest},
		{http.MethodPut, parameter, `{"value":""}`, http.StatusBadRequest},
		{http.MethodPut, parameter, `{"value":"x","` + secret + `":1}`, http.StatusBadRequest},
		{http.MethodPut, "/v1/parameters/a%20b", `{"value":"` + secret + `"}`, http.StatusBadRequest},
		{http.MethodPut, parameter + "/below", `{"value":"` + secret + `"}`, http.StatusInternalServerError},
		{http.MethodGet, parameter, "", http.StatusMethodNotAllowed},
		{http.MethodGet, "/v1/status", "", http.StatusOK},
	} {
		status, response := call(ctx, c.method, c.path, c.body)
		if status != c.want {
			t.Errorf("%s %s %s: got status %d, want %d: %s", c.method, c.path, c.body, status, c.want, response)
		}
		if strings.Contains(response, secret) {
			t.Errorf("%s %s: the response contains the value", c.method, c.path)
		}
	}
	file := filepath.Join(dir, "parameters", "skerry", "local", "frankfurt", "agent-token")
	if value, err := os.ReadFile(file); err != nil || string(value) != secret {
		t.Errorf("got %q, %v, want the value", value, err)
	}
	if status, response := call(ctx, http.MethodDelete, "/v1/parameters/skerry/local/frankfurt/", ""); status != http.StatusOK {
		t.Errorf("got status %d: %s", status, response)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("got %v, want no file", err)
	}
}

func TestGroupsAreSavedWithoutSecrets(t *testing.T) {
	userData, err := os.ReadFile("../../../../test/fixtures/user-data/agent.yaml")
	if err != nil {
		t.Fatal(err)
	}
	// Nothing listens there, so that the machine does not join.
	text := strings.ReplaceAll(string(userData), "192.0.2.1", "127.255.255.254")
	group := `{"count":1,"hostname":"gw","machine":{"instanceType":"pi","cpuCores":1,"memoryMiB":1},"userData":` + strconv.Quote(text) + `}`
	dir := t.TempDir()
	call := newAPI(t, dir)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()

	status, response := call(ctx, http.MethodPut, "/v1/groups/gw", group)
	if status != http.StatusUnprocessableEntity || !strings.Contains(response, "parameter not found: /skerry/local/frankfurt/agent-token") {
		t.Errorf("got status %d: %s, want an error that names the parameter", status, response)
	}
	token := "K10" + strings.Repeat("ab", 32) + "::node:" + secret
	if status, response := call(ctx, http.MethodPut, parameter, `{"value":"`+token+`"}`); status != http.StatusOK {
		t.Fatalf("got status %d: %s", status, response)
	}
	status, response = call(ctx, http.MethodPut, "/v1/groups/gw", group)
	if status != http.StatusUnprocessableEntity || !strings.Contains(response, "did not join") || strings.Contains(response, secret) {
		t.Errorf("got status %d: %s, want an error without the token", status, response)
	}
	if _, err := os.Stat(filepath.Join(dir, "groups", "gw.json")); err != nil {
		t.Errorf("the group is not saved: %v", err)
	}
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(path, filepath.Join(dir, "parameters")) {
			return err
		}
		content, err := os.ReadFile(path)
		if strings.Contains(string(content), secret) {
			t.Errorf("%s contains the token", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
