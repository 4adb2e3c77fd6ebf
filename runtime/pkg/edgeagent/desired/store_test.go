package desired

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/config"
)

const sensor = `{"name": "%", "driver": "simulated", "unit": "Cel", "simulated": {}}`

func sensorNamed(name string) string { return strings.ReplaceAll(sensor, "%", name) }

type fixture struct {
	t     *testing.T
	store *Store
	file  string
	// failing makes the next configuration fail.
	failing error
	applied []string
}

// write replaces the file as a volume of a ConfigMap does: by another target of a symbolic link.
func (f *fixture) write(contents string) {
	f.t.Helper()
	folder, err := os.MkdirTemp(filepath.Dir(f.file), "data")
	if err != nil {
		f.t.Fatal(err)
	}
	target := filepath.Join(folder, "agent.yaml")
	link := filepath.Join(folder, "link")
	if err := errors.Join(os.WriteFile(target, []byte(contents), 0o600), os.Symlink(target, link), os.Rename(link, f.file)); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) fileText(sensors ...string) string {
	return `{"node": "gateway-3", "stateDir": "` + filepath.Dir(f.file) + `/state", "classes": [{"name": "telemetry", "maxBytes": "64Mi"}], "sensors": [` + strings.Join(sensors, ",") + `]}`
}

// start starts an agent, or starts it again.
func (f *fixture) start() {
	f.t.Helper()
	f.applied = nil
	f.store = &Store{Path: f.file, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Apply: func(config config.Config) error {
		if f.failing != nil {
			return f.failing
		}
		names := ""
		for _, each := range config.Sensors {
			names += each.Name
		}
		f.applied = append(f.applied, names)
		return nil
	}}
	if err := f.store.Load(); err != nil {
		f.t.Fatal(err)
	}
}

func newFixture(t *testing.T) *fixture {
	f := &fixture{t: t, file: filepath.Join(t.TempDir(), "agent.yaml")}
	if err := os.Mkdir(filepath.Join(filepath.Dir(f.file), "state"), 0o700); err != nil {
		t.Fatal(err)
	}
	f.write(f.fileText(sensorNamed("a")))
	f.start()
	return f
}

func (f *fixture) report() Report {
	var report Report
	if err := json.Unmarshal(f.store.Reported(), &report); err != nil {
		f.t.Fatal(err)
	}
	return report
}

// expect checks which sensors are in force, the version, and a problem of what was refused.
func (f *fixture) expect(sensors, version, refused string) {
	f.t.Helper()
	report := f.report()
	got := ""
	if len(report.Refused) > 0 {
		got = report.Refused[0].Source + " " + report.Refused[0].Version + ": " + report.Refused[0].Problems.Error()
	}
	inForce := ""
	for _, each := range f.store.Config().Sensors {
		inForce += each.Name
	}
	if f.applied[len(f.applied)-1] != sensors || inForce != sensors || report.Version != version || !strings.Contains(got, refused) || (refused == "") != (got == "") {
		f.t.Errorf("in force: %s, applied: %v, report: %+v; want %s, version %q, refused %q", inForce, f.applied, report, sensors, version, refused)
	}
}

func TestABadConfigurationIsRefusedAndTheOldOneStaysInForce(t *testing.T) {
	f := newFixture(t)
	f.expect("a", "", "")
	f.store.takeDesired([]byte(`{"version": "7", "sensors": [` + sensorNamed("b") + `]}`))
	f.expect("b", "7", "")
	f.store.takeDesired([]byte(`{"version": "8", "sensors": [{"name": "c"}]}`))
	f.expect("b", "7", "desired 8: sensors[0].unit")
	f.store.takeDesired([]byte(`not json: [`))
	f.expect("b", "7", "desired : must be YAML or JSON")
	f.failing = errors.New("the disk is full")
	f.store.takeDesired([]byte(`{"version": "9", "sensors": [` + sensorNamed("d") + `]}`))
	f.failing = nil
	f.expect("b", "7", "desired 9: the disk is full")

	seen := f.store.file
	f.write("{}")
	seen = f.store.pollFile(seen)
	if report := f.report(); len(report.Refused) != 2 || report.Refused[1].Source != "file" {
		t.Errorf("got %+v", report)
	}
	f.write(f.fileText(sensorNamed("a")) + " ")
	seen = f.store.pollFile(seen)
	if report := f.report(); len(report.Refused) != 0 {
		// The desired state in force is valid, so an older refusal is over.
		t.Errorf("got %+v", report)
	}
	if err := os.Remove(f.file); err != nil {
		t.Fatal(err)
	}
	seen = f.store.pollFile(seen)
	f.expect("b", "7", "file : open")
	f.write(f.fileText(sensorNamed("a")))
	f.store.pollFile(seen)
	f.expect("b", "7", "")
	// The broker sends an empty message when the desired state was deleted.
	f.store.takeDesired(nil)
	f.expect("a", "", "")
}

func TestTheDesiredStateSurvivesARestart(t *testing.T) {
	f := newFixture(t)
	f.store.takeDesired([]byte(`{"version": "7", "sensors": [` + sensorNamed("b") + `]}`))
	f.store.takeDesired([]byte(`{"version": "8"`))
	f.start()
	f.expect("b", "7", "")
	// The file no longer has the class of the desired state's sensor.
	f.write(strings.ReplaceAll(f.fileText(), "telemetry", "other") + "\n")
	f.store.takeDesired([]byte(`{"version": "9", "sensors": [` + strings.Replace(sensorNamed("b"), "{", `{"class": "telemetry",`, 1) + `]}`))
	f.start()
	f.expect("", "", `desired 9: sensors[0].class: "telemetry": must be one of the classes: other`)
	f.store.takeDesired(nil)
	f.start()
	f.expect("", "", "")
}

func TestTheFileIsFollowedThroughSymbolicLinks(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	go f.store.Run(ctx)
	f.write(f.fileText(sensorNamed("b")))
	for deadline := time.Now().Add(10 * time.Second); len(f.store.Config().Sensors) == 0 || f.store.Config().Sensors[0].Name != "b"; {
		if time.Now().After(deadline) {
			t.Fatal("the new file is not in force")
		}
		time.Sleep(20 * time.Millisecond)
	}
	f.store.Offer([]byte(`{"version": "1"}`))
	f.store.Offer([]byte(`{"version": "2"}`))
	for deadline := time.Now().Add(10 * time.Second); f.report().Version != "2"; {
		if time.Now().After(deadline) {
			t.Fatal("the last desired state is not in force")
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestLoadFailsIfTheFileIsInvalid(t *testing.T) {
	f := newFixture(t)
	f.write("node: 1\n")
	if err := f.store.Load(); err == nil || !strings.Contains(err.Error(), "stateDir: must not be empty") {
		t.Errorf("got %v", err)
	}
}
