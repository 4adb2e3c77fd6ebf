import { isProtectedLabel } from "../kubernetes/owned-keys";
import type { ClusterSpec, NodePoolSpec } from "../model";
import { formatTaint } from "../kubernetes/tolerations";
import { nodeLabels } from "../nodes";

/**
 * K3s configuration: the flags of `k3s server` or `k3s agent` without their dashes.
 *
 * @see https://docs.k3s.io/installation/configuration#configuration-file
 */
export type K3sConfig = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Components of K3s that are disabled: edge nodes serve no ingress, and brokers define their own Services. */
const DISABLED = ["traefik", "servicelb"] as const;

export interface ServerJoin {
  /** Token with which servers join. Secret. */
  readonly serverToken: string;
  /** Token with which only agents can join. Secret. */
  readonly agentToken: string;
  /** Host name or address of the Kubernetes API. */
  readonly host: string;
}

/** Returns the K3s configuration of a cluster's servers. */
export function serverConfig(cluster: ClusterSpec, { serverToken, agentToken, host }: ServerJoin): K3sConfig {
  return {
    "cluster-init": true,
    token: serverToken,
    "agent-token": agentToken,
    "tls-san": [host],
    "cluster-cidr": cluster.clusterCidr,
    "service-cidr": cluster.serviceCidr,
    disable: [...DISABLED],
    "kube-controller-manager-arg": [`node-cidr-mask-size=${cluster.nodeCidrMaskSize}`],
    "node-taint": ["node-role.kubernetes.io/control-plane=true:NoSchedule"],
    "node-label": [
      `topology.kubernetes.io/region=${cluster.homeRegion}`,
      `topology.kubernetes.io/zone=${cluster.homeRegion}-a`,
    ],
  };
}

export interface AgentJoin {
  /** URL of the Kubernetes API, `https://<host>:6443`. */
  readonly server: string;
  /** The agent token. Secret. */
  readonly token: string;
}

/**
 * Returns the K3s configuration of a pool's agents. Its labels and taints apply only when a node registers; afterwards the
 * node controller maintains them, and sets the labels that a kubelet cannot write.
 */
export function agentConfig(pool: NodePoolSpec, { server, token }: AgentJoin): K3sConfig {
  const nodeLabel = Object.entries(nodeLabels(pool))
    .filter(([key]) => !isProtectedLabel(key))
    .map(([key, value]) => `${key}=${value}`);
  return {
    server,
    token,
    "node-label": nodeLabel.sort(),
    ...(pool.taints.length > 0 ? { "node-taint": pool.taints.map(formatTaint) } : {}),
  };
}
