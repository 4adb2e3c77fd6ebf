/** What `skerry status --json` prints. A field may be added within a version; none changes its meaning. */
export interface StatusReport {
  readonly version: 1;
  readonly clusters: readonly ClusterStatus[];
  readonly nodes: readonly NodeStatus[];
  readonly pods: readonly PodStatus[];
  readonly brokers: readonly BrokerStatus[];
  /** Pods without a node, each with the scheduler's reason. */
  readonly unplaced: readonly UnplacedPod[];
}

export interface ClusterStatus {
  readonly name: string;
  /** URL of its Kubernetes API. */
  readonly endpoint: string;
  readonly reachable: boolean;
  /** Why not; absent when reachable. */
  readonly problem?: string;
  readonly kubernetesVersion?: string;
  readonly servers: number;
  readonly nodes: number;
  readonly nodesReady: number;
  readonly regions: readonly string[];
  readonly pods: number;
  readonly podsPlaced: number;
  readonly podsReady: number;
  readonly brokers: number;
  readonly brokersReady: number;
}

export interface NodeStatus {
  readonly cluster: string;
  readonly name: string;
  /** Empty for a node that carries no region. */
  readonly region: string;
  readonly device: string;
  readonly pool: string;
  readonly role: "server" | "agent";
  readonly ready: boolean;
}

export interface PodStatus {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  /** Absent while unplaced. */
  readonly node?: string;
  /** Region of its node. */
  readonly region?: string;
  readonly phase: string;
  readonly ready: boolean;
  readonly scheduler: string;
}

export interface BrokerStatus {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly region: string;
  readonly role: "edge" | "cloud";
  readonly ready: boolean;
}

export interface UnplacedPod {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly scheduler: string;
  /** The scheduler's words, or that no scheduler has looked at the pod yet. */
  readonly reason: string;
}
