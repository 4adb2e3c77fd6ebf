//go:build modbus

package config

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFilesOfTheCharts parses what the charts render for an edge agent. A test of the charts compares their output with the
// same files.
func TestFilesOfTheCharts(t *testing.T) {
	files, err := filepath.Glob("../../../../test/fixtures/edge-agents/*.json")
	if err != nil {
		t.Fatal(err)
	}
	relays := map[string]bool{}
	for _, file := range files {
		document, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		config, problems := Parse(document, nil)
		for _, problem := range problems {
			t.Errorf("%s: %s", filepath.Base(file), problem)
		}
		if len(problems) > 0 {
			continue
		}
		relays["listener"] = relays["listener"] || config.Relay.Listen != nil
		relays["broker"] = relays["broker"] || config.Relay.Broker != nil
		if config.Uplink == nil || len(config.Classes) == 0 || len(config.Routes) == 0 || len(config.Sensors) == 0 {
			t.Errorf("%s: a part is missing: %+v", filepath.Base(file), config)
		}
	}
	if !relays["listener"] || !relays["broker"] {
		t.Errorf("the files have these relays: %v, want a listener and a broker", relays)
	}
}
