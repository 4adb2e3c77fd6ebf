import { stringify } from "yaml";

import type { ClusterSpec, NodePoolSpec } from "../model";
import { renderCloudConfig } from "./cloud-config";
import { agentConfig, type K3sConfig, serverConfig } from "./config";
import { hardenConfig, hardeningFiles } from "./hardening/apply";
import { MACHINE_FILE, type MachineDocument, type NodeIdentity, renderMachineDocument } from "./machine";
import { agentFiles, birthParameter, type ParameterLocation, RESTORE, SERVER_FILES } from "./parameters";
import { k3sInstallation } from "./release";

const CONFIG_FILE = "/etc/rancher/k3s/config.yaml";

/** What a machine must know to find its cluster. */
export interface ClusterEndpoint {
  /** Stable hostname or IP address of the Kubernetes API. */
  readonly host: string;
  /** TCP port of the Kubernetes API. */
  readonly port: number;
  /** Where the machine reads its secrets. */
  readonly parameters: ParameterLocation;
  /**
   * Distinguishes the cluster from those that had its name before, in hex digits, such as the hash of its root certificate.
   *
   * @default - there are none
   */
  readonly identifier?: string | undefined;
  /** How the machine names its node. @default - by its hostname */
  readonly node?: NodeIdentity | undefined;
}

/** What the user data of an agent contains of its cluster. */
type AgentCluster = Pick<ClusterSpec, "name" | "kubernetesVersion" | "k3s" | "hardening">;

/** Renders the user data of a machine with the hardened configuration, the files that it refers to, and the machine document. */
function renderUserData(cluster: AgentCluster, machine: MachineDocument, config: K3sConfig): string {
  const { role } = machine;
  const content = stringify(hardenConfig(role, cluster, config), { lineWidth: 0 });
  return renderCloudConfig(role, [
    { path: CONFIG_FILE, content },
    { path: MACHINE_FILE, content: renderMachineDocument(machine) },
    ...hardeningFiles(role, cluster),
  ]);
}

/**
 * Renders the user data of a cluster's servers, the same for all of them. It contains no secret: machines read tokens and
 * the keys of the authorities from parameters.
 */
export function serverUserData(cluster: ClusterSpec, endpoint: ClusterEndpoint): string {
  const machine = {
    ...base(cluster, endpoint),
    role: "server" as const,
    files: [...SERVER_FILES],
    birth: birthParameter(endpoint.identifier),
    restore: RESTORE,
  };
  return renderUserData(cluster, machine, serverConfig(cluster, endpoint.host));
}

/** Renders the user data of a pool's agents. It contains no secret: machines read the agent token from a parameter. */
export function agentUserData(cluster: AgentCluster, pool: NodePoolSpec, endpoint: ClusterEndpoint): string {
  const machine = { ...base(cluster, endpoint), role: "agent" as const, files: [...agentFiles(pool)] };
  return renderUserData(cluster, machine, agentConfig(pool, `https://${endpoint.host}:${endpoint.port}`));
}

/** Returns the fields that all machines of a cluster share. */
function base(cluster: AgentCluster, { host, port, parameters, node }: ClusterEndpoint) {
  const k3s = k3sInstallation(cluster);
  return {
    apiVersion: "skerry.dev/machine/v1" as const,
    cluster: cluster.name,
    ...{ host, port, parameters },
    ...(k3s && { k3s }),
    ...(node && { node }),
  };
}
