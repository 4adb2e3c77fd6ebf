package corespeed

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
)

// version changes with the benchmark, whose results then cannot be compared to earlier ones.
const version = 1

// Result is a result of the benchmark.
type Result struct {
	Version int `json:"version"`
	// Model identifies the processor.
	Model string  `json:"model"`
	Speed float64 `json:"speed"`
}

// Load returns the speed that an earlier run stored. It returns false if there is none for this processor.
func Load(file, model string) (float64, bool) {
	content, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	var result Result
	if json.Unmarshal(content, &result) != nil || result.Version != version || result.Model != model || !(result.Speed > 0) {
		return 0, false
	}
	return result.Speed, true
}

// Store stores the speed. The file is complete or does not exist.
func Store(file, model string, speed float64) error {
	content, err := json.Marshal(Result{Version: version, Model: model, Speed: speed})
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	if _, err := temporary.Write(content); err != nil {
		_ = temporary.Close()
		return err
	}
	if err := temporary.Close(); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), file)
}

// modelKeys are the lines of /proc/cpuinfo that identify a processor: x86 names it, and ARM has numbers.
var modelKeys = []string{"model name", "CPU implementer", "CPU variant", "CPU part", "CPU revision"}

// Model returns what /proc/cpuinfo says about the first processor.
func Model(cpuinfo string) string {
	first, _, _ := strings.Cut(cpuinfo, "\n\n")
	var parts []string
	for line := range strings.Lines(first) {
		key, value, found := strings.Cut(line, ":")
		for _, wanted := range modelKeys {
			if found && strings.TrimSpace(key) == wanted {
				parts = append(parts, strings.TrimSpace(value))
			}
		}
	}
	return strings.Join(parts, " ")
}
