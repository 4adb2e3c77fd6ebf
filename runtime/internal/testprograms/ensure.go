// Package testprograms finds programs that tests need, by the scripts of the repository.
package testprograms

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Ensure runs scripts/<name> and returns the lines that it prints, or an error that says why a test has to be skipped.
func Ensure(name string) ([]string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	for {
		script := filepath.Join(folder, "scripts", name)
		if _, err := os.Stat(script); err == nil {
			return run(script)
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return nil, fmt.Errorf("no folder above has scripts/%s", name)
		}
		folder = parent
	}
}

func run(script string) ([]string, error) {
	var problem bytes.Buffer
	command := exec.Command(script)
	command.Stderr = &problem
	output, err := command.Output()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(problem.String()), "\n")
		return nil, errors.New(lines[len(lines)-1])
	}
	return strings.Split(strings.TrimSpace(string(output)), "\n"), nil
}
