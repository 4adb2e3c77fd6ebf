// Command pulumi-language-nodejs runs TypeScript programs for Pulumi's engine: the engine starts it, and it starts
// Node.js with the SDK's own entry point.
//
// Pulumi's host is not published as a Go module since 3.68. That release forwards a program's calls through a proxy that
// knows the calls of its own time only, so that programs cannot register error hooks.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/google/shlex"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// reported is the exit code of a program that has already told the engine what is wrong
// (nodeJSProcessExitedAfterLoggingUserActionableMessage in @pulumi/pulumi's cmd/run).
const reported = 32

// version of the engine and SDK whose protocol this host speaks.
const version = "3.259.0"

func main() {
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "pulumi-language-nodejs %s: runs TypeScript programs for Pulumi's engine\n\nusage: pulumi-language-nodejs ENGINE-ADDRESS\n", version)
	}
	flag.Parse()
	if err := serve(flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-nodejs:", err)
		os.Exit(1)
	}
}

// serve answers the engine until it is gone.
func serve(engine string) error {
	if engine == "" {
		return errors.New("the engine's address must not be empty: Pulumi starts this program itself")
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := rpcutil.Healthcheck(ctx, engine, 5*time.Minute, cancel); err != nil {
		return fmt.Errorf("connecting to the engine at %s: %w", engine, err)
	}
	stop := make(chan bool)
	go func() {
		<-ctx.Done()
		close(stop)
	}()
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: stop,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, &host{engine: engine, ctx: ctx})
			return nil
		},
	})
	if err != nil {
		return err
	}
	// The engine reads the port from the first line.
	fmt.Println(handle.Port)
	return <-handle.Done
}

type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	engine string
	// ctx ends with the engine, and programs with it.
	ctx context.Context
}

// GetPluginInfo tells the engine which host this is.
func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version}, nil
}

// GetRequiredPackages names none: the engine loads each plugin when a program first uses it.
func (h *host) GetRequiredPackages(context.Context, *pulumirpc.GetRequiredPackagesRequest) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// Run runs a program to its end.
func (h *host) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	// The engine is gone, or it no longer waits for this program: either ends the program.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(h.ctx, cancel)()

	directory := req.GetInfo().GetProgramDirectory()
	entry, err := locateEntryPoint(ctx, directory)
	if err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	options, err := readOptions(req.GetInfo())
	if err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	environment, err := programEnvironment(req, options)
	if err != nil {
		return nil, err
	}
	arguments := append(append([]string{}, options.nodeArgs...), entry)
	command := exec.CommandContext(ctx, "node", append(arguments, programArguments(req, h.engine)...)...)
	command.Dir = directory
	command.Env = environment
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	err = command.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case errors.As(err, &exit) && exit.ExitCode() == reported:
		return &pulumirpc.RunResponse{Bail: true}, nil
	default:
		return &pulumirpc.RunResponse{Error: "program ended: " + err.Error()}, nil
	}
}

// locateEntryPoint finds the SDK that the program itself would load.
func locateEntryPoint(ctx context.Context, directory string) (string, error) {
	command := exec.CommandContext(ctx, "node", "-p", "require.resolve('@pulumi/pulumi/cmd/run')")
	command.Dir = directory
	found, err := command.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return "", errors.New("node is not on PATH: install Node.js 20 or newer")
	}
	if err != nil {
		return "", fmt.Errorf("@pulumi/pulumi is not installed in %s or above it: run npm install", directory)
	}
	return strings.TrimSpace(string(found)), nil
}

// options are `runtime.options` of Pulumi.yaml.
type options struct {
	nodeArgs   []string
	typescript bool
	tsconfig   string
}

func readOptions(info *pulumirpc.ProgramInfo) (options, error) {
	read := options{typescript: true}
	for name, value := range info.GetOptions().GetFields() {
		switch name {
		case "nodeargs":
			split, err := shlex.Split(value.GetStringValue())
			if err != nil {
				return options{}, fmt.Errorf("runtime.options.nodeargs in Pulumi.yaml: %q: %w", value.GetStringValue(), err)
			}
			read.nodeArgs = split
		case "typescript":
			read.typescript = value.GetBoolValue()
		case "tsconfig":
			read.tsconfig = value.GetStringValue()
		}
	}
	return read, nil
}

// programArguments are those of @pulumi/pulumi's cmd/run, then the program and its own.
func programArguments(req *pulumirpc.RunRequest, engine string) []string {
	var arguments []string
	add := func(flag, value string) {
		if value != "" {
			arguments = append(arguments, "--"+flag, value)
		}
	}
	add("monitor", req.GetMonitorAddress())
	add("engine", engine)
	add("organization", req.GetOrganization())
	add("project", req.GetProject())
	add("root-directory", req.GetInfo().GetRootDirectory())
	add("stack", req.GetStack())
	add("pwd", req.GetPwd())
	add("parallel", strconv.Itoa(int(req.GetParallel())))
	if req.GetDryRun() {
		arguments = append(arguments, "--dry-run")
	}
	return append(append(arguments, req.GetInfo().GetEntryPoint()), req.GetArgs()...)
}

// programEnvironment adds the stack's configuration, which the SDK reads from the environment.
func programEnvironment(req *pulumirpc.RunRequest, options options) ([]string, error) {
	configuration := req.GetConfig()
	if configuration == nil {
		configuration = map[string]string{}
	}
	config, err := json.Marshal(configuration)
	if err != nil {
		return nil, err
	}
	secrets, err := json.Marshal(append([]string{}, req.GetConfigSecretKeys()...))
	if err != nil {
		return nil, err
	}
	environment := append(os.Environ(), "PULUMI_CONFIG="+string(config), "PULUMI_CONFIG_SECRET_KEYS="+string(secrets))
	if options.typescript {
		environment = append(environment, "PULUMI_NODEJS_TYPESCRIPT=true")
	}
	if options.tsconfig != "" {
		environment = append(environment, "PULUMI_NODEJS_TSCONFIG_PATH="+options.tsconfig)
	}
	return environment, nil
}
