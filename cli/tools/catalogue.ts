import { join } from "node:path";

import { packageFolder } from "../folders";

/** How a tool that is not on PATH is built from its pinned Go module. */
export interface GoBuild {
  /** Folder of the Go module, relative to the package. */
  readonly module: string;
  /** What `go build` builds: an import path, or a folder of the module. */
  readonly package: string;
  readonly ldflags?: string;
  /** Packages (patterns) whose speed is felt: compiled with everything the compiler can do. Absent: the standard library alone. */
  readonly hotPackages?: readonly string[];
  /** Run `go generate` first: the module embeds files that are made from its dependencies. */
  readonly generate?: boolean;
  /** The module's own sources count, not just its pins: a changed source is another build. */
  readonly ownSources?: boolean;
}

export interface Tool {
  readonly name: string;
  readonly purpose: string;
  /** Version of the pinned module, as `doctor` shows it. */
  readonly version: string;
  /** Arguments that make a tool on PATH print its version; absent: it is never taken from PATH. */
  readonly versionArgs?: readonly string[];
  /** Whether a tool on PATH with that version may be used. */
  readonly compatible?: (version: string) => boolean;
  readonly build: GoBuild;
}

const PULUMI_VERSION = "3.259.0";
const KUBERNETES_PROVIDER_VERSION = "4.25.0";
const RUNTIME_VERSION = "0.1.0";
const KUBERNETES_VERSION = "1.36.3";

/** Kubernetes' own packages say their version only when the linker tells them. */
const kubernetesVersion = [
  `-X k8s.io/component-base/version.gitVersion=v${KUBERNETES_VERSION}`,
  `-X k8s.io/component-base/version.gitMajor=${KUBERNETES_VERSION.split(".")[0]}`,
  `-X k8s.io/component-base/version.gitMinor=${KUBERNETES_VERSION.split(".")[1]}`,
].join(" ");

function numbers(version: string): number[] {
  return (/(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
}

/** Pulumi 3 from the release of the SDK that programs are written for: it knows every call that they make. */
function pulumiCompatible(version: string): boolean {
  const [major = 0, minor = 0] = numbers(version);
  return major === 3 && minor >= 248;
}

/** What an engine spends its time in that writes its whole state after every step. */
const hotInPulumi = [
  "github.com/pulumi/...",
  "github.com/segmentio/...",
  "google.golang.org/protobuf/...",
  "google.golang.org/grpc/...",
];

/** What an API server, its storage and a scheduler spend their time in. */
const hotInRuntime = [
  "github.com/skerry-dev/...",
  "go.etcd.io/...",
  "go.uber.org/zap/...",
  "google.golang.org/protobuf/...",
  "google.golang.org/grpc/...",
  "golang.org/x/...",
  "github.com/fxamacher/cbor/...",
  "github.com/gogo/...",
  "k8s.io/apimachinery/...",
  "k8s.io/apiserver/...",
  "k8s.io/client-go/tools/...",
  "k8s.io/klog/...",
  "k8s.io/kubernetes/pkg/scheduler/...",
  "sigs.k8s.io/json/...",
  "sigs.k8s.io/structured-merge-diff/...",
];

/** Version of what manifest-validator reads and writes, as policies/schema/validator.ts expects it. */
const VALIDATOR_PROTOCOL = 1;

const runtime = (name: string, purpose: string): Tool => ({
  name,
  purpose,
  version: RUNTIME_VERSION,
  build: {
    module: "runtime",
    package: `./cmd/${name}`,
    ldflags: `-s -w ${kubernetesVersion}`,
    ownSources: true,
    hotPackages: hotInRuntime,
  },
});

/** Every program that Skerry runs and that npm does not bring. Order: what takes longest to build comes first. */
export const tools: readonly Tool[] = [
  runtime("lab", "the embedded cloud: machines, control planes, simulated nodes"),
  {
    name: "pulumi-resource-kubernetes",
    purpose: "Pulumi's Kubernetes provider",
    version: KUBERNETES_PROVIDER_VERSION,
    versionArgs: ["-version"],
    compatible: (version) => numbers(version).join(".") === KUBERNETES_PROVIDER_VERSION,
    build: {
      module: "toolchain/pulumi-resource-kubernetes",
      package: ".",
      ldflags: "-s -w",
      generate: true,
      ownSources: true,
    },
  },
  {
    name: "pulumi",
    purpose: "the Pulumi engine and command",
    version: PULUMI_VERSION,
    versionArgs: ["version"],
    compatible: pulumiCompatible,
    build: {
      module: "toolchain/pulumi",
      package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      ldflags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${PULUMI_VERSION}`,
      hotPackages: hotInPulumi,
    },
  },
  {
    name: "pulumi-language-nodejs",
    purpose: "runs TypeScript programs for Pulumi",
    version: PULUMI_VERSION,
    versionArgs: ["-h"],
    // Every Pulumi install brings one that fits its own engine; the flag text is enough to know that it runs.
    compatible: () => true,
    build: {
      module: "toolchain/pulumi-language-nodejs",
      package: ".",
      ldflags: "-s -w",
      ownSources: true,
      hotPackages: hotInPulumi,
    },
  },
  runtime("edge-scheduler", "the scheduler with Skerry's plugins; the lab runs it as a process"),
  {
    ...runtime("manifest-validator", "what the API server would answer to a manifest; `skerry policy` asks it"),
    versionArgs: ["--version"],
    compatible: (text) => text.includes(`protocol ${VALIDATOR_PROTOCOL},`),
  },
  runtime("placement-simulator", "where pods would run, without a cluster; `skerry preview` runs it"),
  runtime("node-controller", "keeps nodes as their pools state; the lab runs it as a process"),
];

/** Looks a tool up by name. */
export function tool(name: string): Tool {
  const found = tools.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`unknown tool ${name}; known: ${tools.map((each) => each.name).join(", ")}`);
  return found;
}

/** Absolute folder of the Go module that builds a tool. */
export const moduleFolder = (build: GoBuild): string => join(packageFolder, build.module);
