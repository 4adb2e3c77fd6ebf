package controlplane

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"k8s.io/klog/v2"
)

// reportFile is a file in the machine's directory. It says what the server waits for before it is ready.
const reportFile = "report.json"

// ReportStarted is the state of a server that waits for nothing.
const ReportStarted = "started"

// Report is what a server waits for.
type Report struct {
	// State is booting, joining, removed or ReportStarted.
	State   string `json:"state"`
	Message string `json:"message"`
}

// report logs and stores what the server waits for, if that changed.
func (s *server) report(state, message string) {
	next := Report{state, message}
	if s.reported == next {
		return
	}
	s.reported = next
	klog.InfoS("Waiting", "cluster", s.Name, "server", s.Hostname, "state", state, "reason", message)
	if content, err := json.Marshal(next); err == nil {
		if err := writeFile(filepath.Join(s.dir, reportFile), content); err != nil {
			klog.ErrorS(err, "Failed to write the report")
		}
	}
}

// ReadReport returns the last report of the server in a machine's directory.
func ReadReport(dir string) Report {
	var last Report
	content, err := os.ReadFile(filepath.Join(dir, reportFile))
	if errors.Is(err, os.ErrNotExist) || json.Unmarshal(content, &last) != nil {
		return Report{State: "booting"}
	}
	return last
}
