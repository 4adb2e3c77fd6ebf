// Command plugin-args prints the JSON Schema of the scheduler plugins' arguments.
//
//	go run . <folder of the Go types>
//
// It reads the comments and kubebuilder markers of the Go types. controller-gen reads the same markers but only writes
// schemas of custom resources, and has no bounds for durations.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: plugin-args <folder>")
		os.Exit(2)
	}
	schema, err := schemaOf(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(schema); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
