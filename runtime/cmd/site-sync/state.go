package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/sitestate"
)

// open parses the arguments and opens an existing database.
func (c *command) open(least, most int) (*sitestate.Database, []string, error) {
	path := c.flags.String("database", "", "`path` of the database (required)")
	arguments, err := c.parse(least, most)
	if err != nil {
		return nil, nil, err
	}
	if *path == "" {
		return nil, nil, fmt.Errorf("%w: --database: is required", errUsage)
	}
	database, err := sitestate.Open(c.ctx, sitestate.Options{Path: *path})
	if err != nil {
		return nil, nil, fmt.Errorf("--database: %w", err)
	}
	return database, arguments, nil
}

// scopeFlag registers --scope.
func (c *command) scopeFlag() *string {
	return c.flags.String("scope", "", "`site` whose record it is, or * for one that all sites share (default: this site; in the cloud, *)")
}

// nameOf returns the name of a record.
func nameOf(database *sitestate.Database, scope, key string) sitestate.Name {
	if scope == "" {
		scope = database.Site
	}
	if scope == sitestate.Hub {
		scope = sitestate.Shared
	}
	return sitestate.Name{Scope: scope, Key: key}
}

func get(c *command) error {
	scope := c.scopeFlag()
	whole := c.flags.Bool("record", false, "print the whole record")
	database, arguments, err := c.open(1, 1)
	if err != nil {
		return err
	}
	defer func() { _ = database.Close() }()
	record, err := database.Get(c.ctx, nameOf(database, *scope, arguments[0]))
	if err != nil {
		return fmt.Errorf("%s: %w", arguments[0], err)
	}
	if *whole {
		return c.printJSON(record)
	}
	return c.printJSON(record.Value)
}

func set(c *command) error {
	scope := c.scopeFlag()
	schema := c.flags.Int("schema", 0, "`version` of the value's schema; must not be less than that of the value it replaces")
	database, arguments, err := c.open(2, 2)
	if err != nil {
		return err
	}
	defer func() { _ = database.Close() }()
	value := []byte(arguments[1])
	if arguments[1] == "-" {
		if value, err = io.ReadAll(io.LimitReader(c.stdin, sitestate.MaxValueBytes+1)); err != nil {
			return err
		}
	}
	_, err = database.Set(c.ctx, nameOf(database, *scope, arguments[0]), value, *schema)
	return err
}

func remove(c *command) error {
	scope := c.scopeFlag()
	database, arguments, err := c.open(1, 1)
	if err != nil {
		return err
	}
	defer func() { _ = database.Close() }()
	if _, err := database.Delete(c.ctx, nameOf(database, *scope, arguments[0])); err != nil {
		return fmt.Errorf("%s: %w", arguments[0], err)
	}
	return nil
}

func list(c *command) error {
	asJSON := c.flags.Bool("json", false, "print JSON, with values")
	database, arguments, err := c.open(0, 1)
	if err != nil {
		return err
	}
	defer func() { _ = database.Close() }()
	records, err := database.List(c.ctx, append(arguments, "")[0])
	if err != nil {
		return err
	}
	if *asJSON {
		return c.printJSON(append([]sitestate.Record{}, records...))
	}
	table := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SCOPE\tKEY\tORIGIN\tTIME\tSCHEMA\tBYTES")
	for _, each := range records {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%d\n", each.Scope, each.Key, each.Origin, at(each.Stamp), each.Schema, len(each.Value))
	}
	return table.Flush()
}

func conflicts(c *command) error {
	asJSON := c.flags.Bool("json", false, "print JSON, with the values that lost")
	database, _, err := c.open(0, 0)
	if err != nil {
		return err
	}
	defer func() { _ = database.Close() }()
	found, err := database.Conflicts(c.ctx)
	if err != nil {
		return err
	}
	if *asJSON {
		return c.printJSON(append([]sitestate.Conflict{}, found...))
	}
	table := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "RECORDED\tREASON\tSCOPE\tKEY\tLOST\tWRITTEN BY\tWON\tWRITTEN BY")
	for _, each := range found {
		won, by := "-", "-"
		if each.Winner != nil {
			by = each.Winner.Origin
			if stamp, err := sitestate.ParseStamp(each.Winner.Stamp); err == nil {
				won = at(stamp)
			}
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", each.RecordedAt.Format(time.RFC3339), each.Reason, each.Loser.Scope, each.Loser.Key,
			at(each.Loser.Stamp), each.Loser.Origin, won, by)
	}
	return table.Flush()
}

// at returns the time of a stamp.
func at(stamp sitestate.Stamp) string {
	return time.UnixMilli(stamp.Milliseconds).UTC().Format("2006-01-02T15:04:05.000Z")
}

func (c *command) printJSON(value any) error {
	encoder := json.NewEncoder(c.stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
