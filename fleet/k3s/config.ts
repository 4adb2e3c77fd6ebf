import { isProtectedLabel } from "../kubernetes/owned-keys";
import type { ClusterSpec, NodePoolSpec } from "../model";
import { formatTaint } from "../kubernetes/tolerations";
import { nodeLabels } from "../nodes";

/** K3s configuration: flag names without their dashes. Keys as in K3s's documentation of `k3s server` and `k3s agent`. */
export type K3sConfig = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** What K3s brings that a fleet does without: edge nodes take no ingress, and brokers and workloads state their own. */
const DISABLED = ["traefik", "servicelb"] as const;

export interface ServerJoin {
  /** Lets servers in. Secret. */
  readonly serverToken: string;
  /** Lets agents in, and nothing else. Secret. */
  readonly agentToken: string;
  /** Name or address at which the cluster answers. */
  readonly host: string;
}

/** `config.yaml` of a cluster's servers. */
export function serverConfig(cluster: ClusterSpec, { serverToken, agentToken, host }: ServerJoin): K3sConfig {
  return {
    "cluster-init": true,
    token: serverToken,
    "agent-token": agentToken,
    "tls-san": [host],
    "cluster-cidr": cluster.clusterCidr,
    "service-cidr": cluster.serviceCidr,
    disable: [...DISABLED],
    "secrets-encryption": true,
    "write-kubeconfig-mode": "0600",
    "kube-controller-manager-arg": [`node-cidr-mask-size=${cluster.nodeCidrMaskSize}`],
    "node-taint": ["node-role.kubernetes.io/control-plane=true:NoSchedule"],
    "node-label": [
      `topology.kubernetes.io/region=${cluster.homeRegion}`,
      `topology.kubernetes.io/zone=${cluster.homeRegion}-a`,
    ],
  };
}

export interface AgentJoin {
  /** URL of the cluster, `https://<host>:6443`. */
  readonly server: string;
  /** The agent token. Secret. */
  readonly token: string;
}

/**
 * `config.yaml` of a pool's agents. Labels and taints count when a node registers and never again; the node controller
 * keeps them true from then on. It alone sets the labels that a kubelet cannot write.
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
