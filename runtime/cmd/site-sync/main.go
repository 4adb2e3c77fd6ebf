// Command site-sync holds the state of a site, or of the cloud, and makes both the same.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const usage = `site-sync holds the state of a site, or of the cloud, and makes both the same.

  site-sync run --site NAME --database PATH --broker URL [flags]   exchanges state until it is terminated
  site-sync get --database PATH KEY                                 prints a value
  site-sync set --database PATH KEY VALUE                           writes a value: JSON, or - for standard input
  site-sync delete --database PATH KEY                              deletes a value
  site-sync list --database PATH [PREFIX]                           lists values
  site-sync conflicts --database PATH                               lists what lost, and why

get, set, delete, list and conflicts work with and without a running site-sync, and without a connection.
Run site-sync COMMAND --help for the flags of a command.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		fmt.Fprintf(os.Stderr, "error: %v\nRun site-sync --help.\n", err)
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// errUsage is an error in the arguments.
var errUsage = errors.New("invalid arguments")

func run(ctx context.Context, arguments []string, stdin io.Reader, stdout, stderr io.Writer) error {
	commands := map[string]func(*command) error{
		"run": serve, "get": get, "set": set, "delete": remove, "list": list, "conflicts": conflicts,
	}
	if len(arguments) == 0 {
		return fmt.Errorf("%w: a command is required", errUsage)
	}
	chosen, known := commands[arguments[0]]
	switch {
	case arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help":
		fmt.Fprint(stdout, usage)
		return nil
	case !known:
		return fmt.Errorf("%w: unknown command %q: must be one of run, get, set, delete, list, conflicts", errUsage, arguments[0])
	}
	return chosen(&command{
		ctx: ctx, flags: flag.NewFlagSet("site-sync "+arguments[0], flag.ContinueOnError), arguments: arguments[1:], stdin: stdin, stdout: stdout, stderr: stderr,
	})
}

// command is a command and its arguments.
type command struct {
	ctx            context.Context
	flags          *flag.FlagSet
	arguments      []string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// parse parses the flags and returns from least to most further arguments.
func (c *command) parse(least, most int) ([]string, error) {
	c.flags.SetOutput(io.Discard)
	err := c.flags.Parse(c.arguments)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(c.stdout, usage, "\nFlags of ", c.flags.Name(), ":\n")
		c.flags.SetOutput(c.stdout)
		c.flags.PrintDefaults()
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	case c.flags.NArg() > most:
		return nil, fmt.Errorf("%w: unknown argument %q", errUsage, c.flags.Arg(most))
	case c.flags.NArg() < least:
		return nil, fmt.Errorf("%w: %d arguments: must have at least %d", errUsage, c.flags.NArg(), least)
	}
	return c.flags.Args(), nil
}
