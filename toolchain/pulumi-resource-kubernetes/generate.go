//go:build ignore

// Copies the provider's schema out of its module, with the version set that the module leaves empty.
package main

import (
	"encoding/json"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	version := os.Args[1]
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/pulumi/pulumi-kubernetes/provider/v4").Output()
	if err != nil {
		log.Fatalf("finding the provider's module: %v", err)
	}
	source := filepath.Join(strings.TrimSpace(string(out)), "cmd", "pulumi-resource-kubernetes")

	raw, err := os.ReadFile(filepath.Join(source, "schema.json"))
	if err != nil {
		log.Fatal(err)
	}
	schema := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &schema); err != nil {
		log.Fatalf("schema.json: %v", err)
	}
	schema["version"] = json.RawMessage(`"` + version + `"`)
	raw, err = json.Marshal(schema)
	if err != nil {
		log.Fatal(err)
	}
	write("zz_generated.schema.json", raw)

	mapping, err := os.ReadFile(filepath.Join(source, "terraform-mapping.json"))
	if err != nil {
		log.Fatal(err)
	}
	write("zz_generated.terraform-mapping.json", mapping)
}

func write(name string, content []byte) {
	if err := os.WriteFile(name, content, 0o644); err != nil {
		log.Fatal(err)
	}
}
