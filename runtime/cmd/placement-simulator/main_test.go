package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

const request = `{"apiVersion":"simulation.skerry.dev/v1","kind":"SimulationRequest","cluster":"tokyo","after":{
"nodes":[{"apiVersion":"v1","kind":"Node","metadata":{"name":"a"},"status":{"allocatable":{"cpu":"2","memory":"4Gi","pods":"10"}}}],
"objects":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"m","image":"x:1"}]}}]},"options":{}}`

func TestARequestFromAFileOrFromStandardInputGivesAReport(t *testing.T) {
	file := filepath.Join(t.TempDir(), "request.json")
	if err := os.WriteFile(file, []byte(request), 0o600); err != nil {
		t.Fatal(err)
	}
	var fromFile, fromInput bytes.Buffer
	if err := run([]string{file}, strings.NewReader(""), &fromFile); err != nil {
		t.Fatal(err)
	}
	if err := run(nil, strings.NewReader(request), &fromInput); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(fromFile.Bytes(), fromInput.Bytes()) {
		t.Errorf("%s\n%s", fromFile.String(), fromInput.String())
	}
	var report simulationv1.Report
	decoder := json.NewDecoder(&fromFile)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&report); err != nil {
		t.Fatal(err)
	}
	if report.Cluster != "tokyo" || report.APIVersion != simulationv1.APIVersion || report.Kind != simulationv1.ReportKind || len(report.After.Pods) != 1 || report.After.Pods[0].Node != "a" {
		t.Errorf("%+v", report)
	}
}

func TestBadArgumentsAndRequestsAreErrors(t *testing.T) {
	for want, args := range map[string][]string{
		"at most one file": {"a", "b"}, "no such file": {filepath.Join(t.TempDir(), "none")}, "request: ": nil,
	} {
		if err := run(args, strings.NewReader("nonsense"), &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %q", args, err, want)
		}
	}
}
