package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skerry-dev/skerry/runtime/internal/edgetest"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/desired"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/sensors"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
)

const oneSensor = `, "sensors": [{"name": "file", "driver": "simulated", "unit": "Cel", "interval": "50ms", "simulated": {"mean": 20}}]`

// TestDesiredState sends desired states through the broker, good and bad ones, and restarts the agent without a broker.
func TestDesiredState(t *testing.T) {
	l := newLink(t, settings{more: oneSensor})
	reported := func() (report desired.Report) {
		if payload := l.cloud.Retained(edgeevents.ReportedTopic("gateway-3")); payload != nil {
			decodeJSON(t, string(payload), &report)
		}
		return report
	}
	l.eventually("the agent reports", func() bool { return strings.HasPrefix(reported().File, "sha256:") })
	l.cloud.Publish(edgeevents.ConfigTopic("gateway-3"), []byte(`{"version": "7", "sensors": [
		{"name": "remote", "driver": "simulated", "unit": "%", "interval": "50ms", "simulated": {"mean": 50}}]}`), true)
	l.eventually("the desired state is in force", func() bool { return reported().Version == "7" })
	l.eventually("the new sensor is read", func() bool {
		code, _ := l.get("/sensor/remote")
		return code == 200 && l.metric(`sensor_readings_total{sensor="remote"}`) > 2
	})
	if code, _ := l.get("/sensor/file"); code != 404 {
		t.Errorf("the sensor of the file is still there: %d", code)
	}
	l.cloud.Publish(edgeevents.ConfigTopic("gateway-3"), []byte(`{"version": "8", "sensors": [{"name": "Bad"}]}`), true)
	l.eventually("the bad state is reported", func() bool {
		report := reported()
		return report.Version == "7" && len(report.Refused) == 1 && report.Refused[0].Version == "8" && len(report.Refused[0].Problems) >= 3
	})
	l.proxy.Set(edgetest.Refuse)
	l.kill()
	l.start()
	l.eventually("the desired state survives a restart without a broker", func() bool {
		code, _ := l.get("/sensor/remote")
		return code == 200
	})
}

// TestReload replaces the file. What did not change continues to run: the connection of the device stays.
func TestReload(t *testing.T) {
	l := newLink(t, settings{more: oneSensor})
	l.publish(10)
	l.configure(settings{uplink: l.proxy.Address, more: strings.ReplaceAll(oneSensor, `"file"`, `"other"`)})
	l.eventually("the new file is in force", func() bool {
		code, _ := l.get("/sensor/other")
		return code == 200
	})
	l.publish(10)
	l.configure(settings{uplink: l.proxy.Address, more: `, "sensors": 7`})
	l.eventually("the bad file is refused", func() bool { return strings.Contains(l.logged(), "the configuration file is refused") })
	if code, _ := l.get("/sensor/other"); code != 200 {
		t.Error("the earlier configuration is not in force")
	}
	// Nothing can listen where the agent's own pages are. The earlier listener has to be back.
	free := l.listen
	l.listen = l.http
	l.configure(settings{uplink: l.proxy.Address, more: strings.ReplaceAll(oneSensor, `"file"`, `"third"`)})
	l.eventually("the listener cannot move", func() bool { return strings.Contains(l.logged(), "address already in use") })
	l.listen = free
	l.connect(l.device)
	l.publish(10)
	l.eventually("the earlier sensor is back", func() bool {
		code, _ := l.get("/sensor/other")
		return code == 200
	})
	// Other limits need another outbox, so devices connect again.
	l.configure(settings{uplink: l.proxy.Address, classes: `{"name": "telemetry", "maxBytes": "32Mi"}, {"name": "alarms", "maxBytes": "1Mi"}`})
	l.eventually("there is another class", func() bool { return l.metric(`queue_max_bytes{class="alarms"}`) == 1<<20 })
	l.connect(l.device)
	l.publish(10)
	l.eventually("everything is acknowledged", func() bool { return l.metric(`queue_depth{class="telemetry"}`) == 0 })
}

func TestHTTP(t *testing.T) {
	l := newLink(t, settings{more: oneSensor})
	var all []sensors.Reading
	l.eventually("the sensor is read", func() bool {
		_, body := l.get("/sensor")
		if body == "" {
			return false
		}
		decodeJSON(t, body, &all)
		return len(all) == 1 && all[0].Value != nil
	})
	if all[0].Name != "file" || *all[0].Value != 20 || all[0].Unit != "Cel" || all[0].Time == nil || all[0].Error != "" {
		t.Errorf("got %+v", all[0])
	}
	var one sensors.Reading
	_, body := l.get("/sensor/file")
	decodeJSON(t, body, &one)
	if one.Name != "file" {
		t.Errorf("got %+v", one)
	}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/sensor/none": 404, "/none": 404} {
		if code, _ := l.get(path); code != want {
			t.Errorf("%s: %d, want %d", path, code, want)
		}
	}
	l.eventually("a reading is acknowledged", func() bool { return l.metric(`messages_acknowledged_total{class="telemetry"}`) > 0 })
	_, body = l.get("/metrics")
	for _, name := range []string{
		"queue_depth", "queue_bytes", "queue_max_bytes", "oldest_message_age_seconds", "messages_appended_total", "messages_refused_total",
		"messages_acknowledged_total", "messages_lost_total", "messages_sent_total", "messages_resent_total",
		"last_acknowledgement_timestamp_seconds", "connected", "sensor_readings_total", "sensor_errors_total",
	} {
		if !strings.Contains(body, "\nskerry_edge_agent_"+name) || !strings.Contains(body, "# TYPE skerry_edge_agent_"+name+" ") {
			t.Errorf("the metric %s is missing", name)
		}
	}
	message := l.cloud.Stored()[0]
	if message.Type != edgeevents.TypeReading || message.Subject != "file" || string(message.Data) != `{"value":20,"unit":"Cel"}` {
		t.Errorf("the cloud has %+v", message)
	}
}

// runToEnd runs the program to its end.
func runToEnd(t *testing.T, arguments ...string) (code int, stdout, stderr string) {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), "EDGE_AGENT_TEST_ARGUMENTS="+strings.Join(arguments, "\n"))
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	_ = command.Run()
	return command.ProcessState.ExitCode(), out.String(), problems.String()
}

func TestCommandLine(t *testing.T) {
	dir := t.TempDir()
	good, bad, state := filepath.Join(dir, "good.yaml"), filepath.Join(dir, "bad.yaml"), filepath.Join(dir, "state.json")
	for path, text := range map[string]string{
		good:  "node: a\nstateDir: /tmp/a\nclasses: [{name: t, maxBytes: 1Mi}]\n",
		bad:   "nod: a\nclasses: [{name: t, maxBytes: 1}]\n",
		state: `{"version": "1", "sensors": [{"name": "x"}]}`,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		arguments      []string
		code           int
		stdout, stderr string
	}{
		{[]string{"--help"}, 0, "edge-agent check --config FILE", ""},
		{[]string{"check", "--config", good}, 0, good + ": valid", ""},
		{[]string{"check", "--config", bad}, 1, "", "error: 4 problems in " + bad + "\n  nod: unknown field: did you mean \"node\"?\n  stateDir: must not be empty\n  node: \"\": must be a DNS subdomain"},
		{[]string{"check", "--config", good, "--desired", state}, 1, "", "sensors[0].driver: \"\": must be one of"},
		{[]string{"--config", bad, "--http-address", ""}, 1, "", "4 problems in "},
		{[]string{"check"}, 1, "", "--config: must not be empty"},
		{[]string{"--config", filepath.Join(dir, "none"), "--http-address", ""}, 1, "", "no such file"},
		{[]string{"--colour"}, 1, "", "flag provided but not defined: -colour"},
		{[]string{"--config", good, "more"}, 1, "", `"more": unknown argument`},
		{[]string{"--config", good, "--desired", state}, 1, "", "--desired: must be empty"},
	} {
		code, stdout, stderr := runToEnd(t, test.arguments...)
		if code != test.code || !strings.Contains(stdout, test.stdout) || !strings.Contains(stderr, test.stderr) {
			t.Errorf("%v: exit %d\n%s%s", test.arguments, code, stdout, stderr)
		}
	}
}

func TestTerminatesSoonAndKeepsEverything(t *testing.T) {
	l := newLink(t, settings{more: oneSensor})
	l.publish(1000)
	if took := l.terminate(); took.Seconds() > 2 {
		t.Errorf("it took %s", took)
	}
	l.start()
	l.eventually("everything is acknowledged", func() bool { return l.metric(`messages_acknowledged_total{class="telemetry"}`) >= 1000 })
}
