import { createRequire } from "node:module";

import type * as Yaml from "yaml";

import type { MachineRole } from "../../fleet/k3s/boot/unit";
import type { K3sConfig } from "../../fleet/k3s/config";
import type * as userdata from "../../fleet/k3s/userdata";
import type { ClusterSpec } from "../../fleet/model";

/** Loaded on first use: rules about manifests need neither. */
const load = createRequire(__filename);
const parse = (text: string): unknown => (load("yaml") as typeof Yaml).parse(text);

/** A file that the user data of a machine writes. */
export interface RenderedFile {
  readonly content: string;
  /** In octal digits. */
  readonly permissions: string;
}

/** What a machine gets by its user data. */
export interface RenderedMachine {
  readonly role: MachineRole;
  /** The machines with this user data, such as `the servers of tokyo`. */
  readonly subject: string;
  /** Path of the part of the cluster that they belong to. */
  readonly path: readonly PropertyKey[];
  /** The K3s configuration. */
  readonly config: K3sConfig;
  readonly files: Readonly<Record<string, RenderedFile>>;
}

const CONFIG_FILE = "/etc/rancher/k3s/config.yaml";

interface CloudConfig {
  readonly write_files: readonly (RenderedFile & { readonly path: string })[];
}

function readUserData(userData: string, rest: Pick<RenderedMachine, "role" | "subject" | "path">): RenderedMachine {
  const { write_files: written } = parse(userData) as CloudConfig;
  const files = Object.fromEntries(written.map(({ path, ...file }) => [path, file]));
  return { ...rest, config: parse(files[CONFIG_FILE]?.content ?? "{}") as K3sConfig, files };
}

const rendered = new WeakMap<ClusterSpec, readonly RenderedMachine[]>();

/** Renders the user data of a cluster's servers and of each node pool, and reads it as a machine does. */
export function renderMachines(cluster: ClusterSpec): readonly RenderedMachine[] {
  const known = rendered.get(cluster);
  if (known) return known;
  const { agentUserData, serverUserData } = load("../../fleet/k3s/userdata") as typeof userdata;
  const parameters = { prefix: `/skerry/${cluster.name}`, region: "eu-central-1" };
  const endpoint = { host: "api.example.com", port: 6443, parameters };
  const machines = [
    readUserData(serverUserData(cluster, endpoint), {
      role: "server",
      subject: `the servers of ${cluster.name}`,
      path: [],
    }),
    ...cluster.nodePools.map((pool, index) =>
      readUserData(agentUserData(cluster, pool, endpoint), {
        role: "agent",
        subject: `the agents of pool ${pool.name}`,
        path: ["nodePools", index],
      }),
    ),
  ];
  rendered.set(cluster, machines);
  return machines;
}

/** Returns the arguments of a Kubernetes component by name. Of an argument given twice, Kubernetes uses the last. */
export function argumentsOf(
  { config }: RenderedMachine,
  component: "kube-apiserver" | "kube-controller-manager" | "kube-scheduler" | "kubelet",
): Readonly<Record<string, string>> {
  const list = config[`${component}-arg`];
  const entries = (Array.isArray(list) ? (list as string[]) : []).map((argument) => {
    const [name = "", ...value] = argument.split("=");
    return [name, value.join("=")] as const;
  });
  return Object.fromEntries(entries);
}

/** Parses a YAML file of a machine. Returns undefined if the user data does not write it, or if it is not a mapping. */
export function readYamlFile(
  { files }: RenderedMachine,
  path: string | undefined,
): Record<string, unknown> | undefined {
  const content = files[path ?? ""]?.content;
  if (content === undefined) return undefined;
  try {
    const value = parse(content);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the configuration of an admission plugin of the API server. */
export function admissionPlugin(machine: RenderedMachine, name: string): Record<string, unknown> | undefined {
  const path = argumentsOf(machine, "kube-apiserver")["admission-control-config-file"];
  const plugins = (readYamlFile(machine, path)?.plugins ?? []) as { name: string; configuration: unknown }[];
  return plugins.find((plugin) => plugin.name === name)?.configuration as Record<string, unknown> | undefined;
}
