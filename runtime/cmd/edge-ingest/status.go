package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/ingest"
)

// printStatus prints what the database has of each node.
func printStatus(ctx context.Context, arguments []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("edge-ingest status", flag.ContinueOnError)
	var database databaseFlags
	database.register(flags)
	asJSON := flags.Bool("json", false, "print JSON")
	if err := parse(flags, arguments, stdout); err != nil {
		return err
	}
	if path, isFile := strings.CutPrefix(database.location, "sqlite:"); isFile {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("--database: %w", err)
		}
	}
	store, err := database.open()
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	defer store.Close()
	if err := store.Prepare(ctx); err != nil {
		return err
	}
	streams, err := store.Status(ctx)
	if err != nil {
		return err
	}
	if *asJSON {
		if streams == nil {
			streams = []ingest.Status{}
		}
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(struct {
			Streams []ingest.Status `json:"streams"`
		}{streams})
	}
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NODE\tCLASS\tMESSAGES\tLAST MESSAGE\tAGE\tMISSING\tGAPS\tDUPLICATES\tCONFLICTS\tREJECTED\tOVERLAPPING")
	for _, each := range streams {
		fmt.Fprintf(table, "%s\t%s\t%d\t%s/%d\t%s\t%.0f\t%d\t%d\t%d\t%d\t%d\n", each.Node, each.Class, each.Messages, each.LastEpoch, each.LastSequence,
			time.Since(each.LastReceivedAt).Round(time.Second), each.Missing, each.Gaps, each.Duplicates, each.Conflicts, each.Rejected, each.Overlapping)
	}
	return table.Flush()
}
