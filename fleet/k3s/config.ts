import { isProtectedLabel } from "../kubernetes/owned-keys";
import type { ClusterSpec, NodePoolSpec } from "../model";
import { backupConfig } from "./backup";
import { formatTaint } from "../kubernetes/tolerations";
import { nodeLabels } from "../nodes";
import { AGENT_TOKEN_FILE, SERVER_TOKEN_FILE } from "./parameters";

/**
 * K3s configuration: the flags of `k3s server` or `k3s agent` without their dashes. It contains no secret.
 *
 * @see https://docs.k3s.io/installation/configuration#configuration-file
 */
export type K3sConfig = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Components of K3s that are disabled: edge nodes serve no ingress, and brokers define their own Services. */
const DISABLED = ["traefik", "servicelb"] as const;

/**
 * Returns the K3s configuration of a cluster's servers. It is equal on all servers: the boot program of each machine adds
 * `cluster-init` or `server` in a drop-in.
 *
 * @param host stable hostname or address of the Kubernetes API
 */
export function serverConfig(cluster: ClusterSpec, host: string): K3sConfig {
  return {
    "token-file": SERVER_TOKEN_FILE,
    "agent-token-file": AGENT_TOKEN_FILE,
    "tls-san": [host],
    "cluster-cidr": cluster.clusterCidr,
    "service-cidr": cluster.serviceCidr,
    disable: [...DISABLED],
    ...backupConfig(cluster),
    "kube-controller-manager-arg": [`node-cidr-mask-size=${cluster.nodeCidrMaskSize}`],
    "node-taint": ["node-role.kubernetes.io/control-plane=true:NoSchedule"],
    "node-label": [
      `topology.kubernetes.io/region=${cluster.homeRegion}`,
      `topology.kubernetes.io/zone=${cluster.homeRegion}-a`,
    ],
  };
}

/**
 * Returns the K3s configuration of a pool's agents. Its labels and taints apply only when a node registers; afterwards the
 * node controller maintains them, and sets the labels that a kubelet cannot write.
 *
 * @param server URL of the Kubernetes API
 */
export function agentConfig(pool: NodePoolSpec, server: string): K3sConfig {
  const nodeLabel = Object.entries(nodeLabels(pool))
    .filter(([key]) => !isProtectedLabel(key))
    .map(([key, value]) => `${key}=${value}`);
  return {
    server,
    "token-file": AGENT_TOKEN_FILE,
    "node-label": nodeLabel.sort(),
    ...(pool.taints.length > 0 ? { "node-taint": pool.taints.map(formatTaint) } : {}),
  };
}
