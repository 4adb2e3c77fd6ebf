import { stringify } from "yaml";

import type { ClusterSpec, NodePoolSpec } from "../model";
import { agentConfig, type K3sConfig, serverConfig } from "./config";
import { MACHINE_FILE, type MachineDocument, renderMachineDocument } from "./machine";
import { agentFiles, BIRTH, type ParameterLocation, SERVER_FILES } from "./parameters";

const CONFIG_FILE = "/etc/rancher/k3s/config.yaml";

/** The systemd unit of K3s for each role. */
const UNITS = { server: "k3s", agent: "k3s-agent" } as const;

/** A file that cloud-init writes with owner root. */
export interface WrittenFile {
  readonly path: string;
  readonly content: string;
  /** @default "0600" */
  readonly permissions?: string;
}

/** What a machine must know to find its cluster. */
export interface ClusterEndpoint {
  /** Stable hostname or IP address of the Kubernetes API. */
  readonly host: string;
  /** TCP port of the Kubernetes API. */
  readonly port: number;
  /** Where the machine reads its secrets. */
  readonly parameters: ParameterLocation;
}

/** Renders the cloud-init user data of a machine: its files, and the command that starts K3s. */
function renderUserData(machine: MachineDocument, config: K3sConfig): string {
  const files: readonly WrittenFile[] = [
    { path: CONFIG_FILE, content: stringify(config, { lineWidth: 0 }) },
    { path: MACHINE_FILE, content: renderMachineDocument(machine) },
  ];
  const body = {
    write_files: files.map(({ path, content, permissions = "0600" }) => ({
      path,
      owner: "root:root",
      permissions,
      content,
    })),
    // With --no-block, cloud-init finishes even if K3s cannot reach its cluster yet.
    runcmd: [["systemctl", "enable", "--now", "--no-block", UNITS[machine.role]]],
  };
  return `#cloud-config\n${stringify(body, { lineWidth: 0 })}`;
}

/**
 * Renders the user data of a cluster's servers, the same for all of them. It contains no secret: machines read tokens and
 * the keys of the authorities from parameters.
 */
export function serverUserData(cluster: ClusterSpec, endpoint: ClusterEndpoint): string {
  const machine = { ...base(cluster, endpoint), role: "server" as const, files: [...SERVER_FILES], birth: BIRTH };
  return renderUserData(machine, serverConfig(cluster, endpoint.host));
}

/** Renders the user data of a pool's agents. It contains no secret: machines read the agent token from a parameter. */
export function agentUserData(
  cluster: Pick<ClusterSpec, "name">,
  pool: NodePoolSpec,
  endpoint: ClusterEndpoint,
): string {
  const machine = { ...base(cluster, endpoint), role: "agent" as const, files: [...agentFiles(pool)] };
  return renderUserData(machine, agentConfig(pool, `https://${endpoint.host}:${endpoint.port}`));
}

/** Returns the fields that all machines of a cluster share. */
function base({ name }: Pick<ClusterSpec, "name">, { host, port, parameters }: ClusterEndpoint) {
  return { apiVersion: "skerry.dev/machine/v1" as const, cluster: name, host, port, parameters };
}
