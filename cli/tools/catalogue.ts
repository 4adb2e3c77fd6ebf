import { join } from "node:path";

import { KUBERNETES_VERSION } from "../../fleet/kubernetes/version";
import { packageFolder } from "../folders";

/** How to build a tool from its pinned Go module. */
export interface GoBuild {
  /** Folder of the Go module, relative to Skerry's package. */
  readonly module: string;
  /** Package to build: an import path or a folder of the module. */
  readonly package: string;
  readonly ldflags?: string;
  /** Patterns of performance-critical packages, which are compiled with inlining. */
  readonly hotPackages?: readonly string[];
  /** Whether to run `go generate` first, because the module embeds files from its dependencies. */
  readonly generate?: boolean;
  /** Whether a change of the module's sources, and not only of go.mod and go.sum, requires a new build. */
  readonly ownSources?: boolean;
}

/** A program that Skerry runs. */
export interface Tool {
  readonly name: string;
  readonly purpose: string;
  /** Version of the pinned module. */
  readonly version: string;
  /** Arguments that print the version. Absent for tools that are never used from PATH. */
  readonly versionArgs?: readonly string[];
  /** Whether a tool on PATH with this version output can be used. */
  readonly compatible?: (version: string) => boolean;
  readonly build: GoBuild;
}

const PULUMI_VERSION = "3.259.0";
const KUBERNETES_PROVIDER_VERSION = "4.25.0";
const RUNTIME_VERSION = "0.1.0";
const UPGRADE_CONTROLLER_VERSION = "0.19.2";

/** Linker flags that set the version that Kubernetes' packages report. */
export const kubernetesFlags = [
  `-X k8s.io/component-base/version.gitVersion=v${KUBERNETES_VERSION}`,
  `-X k8s.io/component-base/version.gitMajor=${KUBERNETES_VERSION.split(".")[0]}`,
  `-X k8s.io/component-base/version.gitMinor=${KUBERNETES_VERSION.split(".")[1]}`,
].join(" ");

function parseVersion(version: string): number[] {
  return (/(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
}

/** Whether Pulumi is at least as new as the SDK that programs use, so it supports all their calls. */
function isCompatiblePulumi(version: string): boolean {
  const [major = 0, minor = 0] = parseVersion(version);
  return major === 3 && minor >= 248;
}

/** Packages that dominate the CPU time of Pulumi, which serializes its state after every step. */
const hotInPulumi = [
  "github.com/pulumi/...",
  "github.com/segmentio/...",
  "google.golang.org/protobuf/...",
  "google.golang.org/grpc/...",
];

/** Packages that dominate the CPU time of API servers, their storage and schedulers. */
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

/** Version of the placement simulator's format: runtime/apis/simulation. */
const SIMULATION_VERSION = "simulation.skerry.dev/v1";

/** Protocol version of manifest-validator that policies/schema/validator.ts expects. */
const VALIDATOR_PROTOCOL = 1;

const runtime = (name: string, purpose: string): Tool => ({
  name,
  purpose,
  version: RUNTIME_VERSION,
  build: {
    module: "runtime",
    package: `./cmd/${name}`,
    ldflags: `-s -w ${kubernetesFlags}`,
    ownSources: true,
    hotPackages: hotInRuntime,
  },
});

/** Programs that Skerry runs and npm does not install. The slowest builds come first. */
export const tools: readonly Tool[] = [
  runtime("lab", "the embedded lab: machines, control planes, simulated nodes"),
  {
    name: "pulumi-resource-kubernetes",
    purpose: "Pulumi's Kubernetes provider",
    version: KUBERNETES_PROVIDER_VERSION,
    versionArgs: ["-version"],
    compatible: (version) => parseVersion(version).join(".") === KUBERNETES_PROVIDER_VERSION,
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
    purpose: "the Pulumi engine and CLI",
    version: PULUMI_VERSION,
    versionArgs: ["version"],
    compatible: isCompatiblePulumi,
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
    // Every Pulumi installation contains a matching version, so it only has to run.
    compatible: () => true,
    build: {
      module: "toolchain/pulumi-language-nodejs",
      package: ".",
      ldflags: "-s -w",
      ownSources: true,
      hotPackages: hotInPulumi,
    },
  },
  runtime("edge-scheduler", "the scheduler with Skerry's plugins; runs as a process in the lab"),
  {
    ...runtime("manifest-validator", "validates manifests like the API server; used by `skerry policy`"),
    versionArgs: ["--version"],
    compatible: (text) => text.includes(`protocol ${VALIDATOR_PROTOCOL},`),
  },
  {
    ...runtime(
      "placement-simulator",
      "computes where pods run, without a cluster; skerry preview, map, explain and fit run it",
    ),
    versionArgs: ["--version"],
    compatible: (text) => text.includes(`${SIMULATION_VERSION},`),
  },
  runtime("edge-agent", "reads sensors, relays the messages of devices, and sends both to the cloud"),
  runtime("edge-ingest", "stores the messages of edge agents in a database and acknowledges them"),
  runtime("node-agent", "measures a node and publishes its NodeProfile"),
  runtime("node-controller", "reconciles nodes with their node pools; runs as a process in the lab"),
  runtime("site-sync", "makes the state of sites and of the cloud the same"),
  {
    name: "system-upgrade-controller",
    purpose: "upgrades nodes; runs as a process in the lab, for fleets with upgrades",
    version: UPGRADE_CONTROLLER_VERSION,
    build: {
      module: "toolchain/system-upgrade-controller",
      package: "github.com/rancher/system-upgrade-controller",
      ldflags: `-s -w -X github.com/rancher/system-upgrade-controller/pkg/version.Version=v${UPGRADE_CONTROLLER_VERSION}`,
      // The same flags as those of the runtime, so that both share the compiled packages of Kubernetes.
      hotPackages: hotInRuntime,
    },
  },
];

/** Returns the tool of a name. */
export function tool(name: string): Tool {
  const found = tools.find((candidate) => candidate.name === name);
  if (!found)
    throw new Error(`unknown tool "${name}": must be one of: ${tools.map((candidate) => candidate.name).join(", ")}`);
  return found;
}

/** Returns the absolute folder of the Go module of a tool. */
export const moduleFolder = (build: GoBuild): string => join(packageFolder, build.module);
