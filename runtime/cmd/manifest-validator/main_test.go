package main

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/skerry-dev/skerry/runtime/pkg/verdict"
)

const definition = `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",` +
	`"metadata":{"name":"things.example.com"},"spec":{"group":"example.com","scope":"Cluster",` +
	`"names":{"kind":"Thing","plural":"things"},"versions":[{"name":"v1","served":true,"storage":true,` +
	`"schema":{"openAPIV3Schema":{"type":"object"}}}]}}`

func TestVerdictsHaveTheOrderOfTheObjects(t *testing.T) {
	input := strings.Join([]string{
		`{"object":{"apiVersion":"example.com/v1","kind":"Thing","metadata":{"name":"a"}}}`,
		`{"object":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"A"}}}`,
		`{"object":` + definition + `,"context":true}`,
		`{"object":{"apiVersion":"v1","kind":"None","metadata":{"name":"a"}}}`,
	}, "\n")
	var out strings.Builder
	if err := run("", strings.NewReader(input), &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for index, want := range []string{`{"protocol":1,`, `{"outcome":"accepted"}`, `{"outcome":"refused"`, `{"outcome":"unserved"}`} {
		if index >= len(lines) || !strings.HasPrefix(lines[index], want) {
			t.Errorf("line %d: want %s in\n%s", index, want, out.String())
		}
	}
	if len(lines) != 4 {
		t.Errorf("got %d lines", len(lines))
	}
}

func TestRejectsInvalidInput(t *testing.T) {
	if err := run("", strings.NewReader(`{"object":{}} {`), &strings.Builder{}); err == nil || !strings.Contains(err.Error(), "object 2 of the input") {
		t.Errorf("truncated input: %v", err)
	}
	for _, minor := range []string{"1.2", "1.99"} {
		if err := run(minor, strings.NewReader(""), &strings.Builder{}); !errors.Is(err, verdict.ErrVersion) {
			t.Errorf("%s: %v", minor, err)
		}
	}
	if err := run("latest", strings.NewReader(""), &strings.Builder{}); err == nil {
		t.Error("latest: want an error")
	}
}

// TestEmulation validates a name that 1.36 accepts and 1.35 refuses. Each version needs its own process: emulation is global.
func TestEmulation(t *testing.T) {
	const input = `{"object":{"apiVersion":"v1","kind":"Service","metadata":{"name":"7up"},"spec":{"ports":[{"port":1}]}}}`
	if minor := os.Getenv("MANIFEST_VALIDATOR_MINOR"); minor != "" {
		if err := run(minor, strings.NewReader(input), os.Stdout); err != nil {
			t.Fatal(err)
		}
		return
	}
	for minor, want := range map[string]string{"1.36": `{"outcome":"accepted"}`, "1.35": `{"outcome":"refused"`} {
		command := exec.Command(os.Args[0], "-test.run=^TestEmulation$")
		command.Env = append(os.Environ(), "MANIFEST_VALIDATOR_MINOR="+minor)
		out, err := command.Output()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(out), `"emulated":"`+minor+`"`) || !strings.Contains(string(out), want) {
			t.Errorf("%s: %s", minor, out)
		}
	}
}
