/** The output of `skerry status --json`. A version may get more fields, but no field changes its meaning. */
export interface StatusReport {
  readonly version: 1;
  readonly clusters: readonly ClusterStatus[];
  readonly nodes: readonly NodeStatus[];
  readonly pods: readonly PodStatus[];
  readonly brokers: readonly BrokerStatus[];
  /** Edge agents, as their metrics describe them. */
  readonly edgeAgents: readonly EdgeAgentStatus[];
  readonly edgeIngests: readonly EdgeIngestStatus[];
  /** Links between the regions of node agents, one entry for each cluster whose agents are in at least two regions. */
  readonly measuredLinks: readonly MeasuredLinksStatus[];
  /** Pods without a node, each with the scheduler's message. */
  readonly unplaced: readonly UnplacedPod[];
  /** Credentials and certificates, by the time of their expiry. */
  readonly expiries: readonly ExpiryStatus[];
}

/** When a credential or a certificate of a cluster expires. */
export interface ExpiryStatus {
  readonly cluster: string;
  /**
   * - `admin-certificate`: in the kubeconfig; `skerry up` renews it.
   * - `server-certificate`: of the API server; K3s renews it when it starts within 120 days of its expiry.
   * - `authority`: a certificate authority of the cluster or of its brokers.
   * - `broker-certificate`: of an MQTT broker or client; `skerry up` renews it.
   * - `bootstrap-token`: with which the agents of a pool join; it is meant to expire.
   */
  readonly kind: "admin-certificate" | "server-certificate" | "authority" | "broker-certificate" | "bootstrap-token";
  /** Common name of a certificate, `<namespace>/<Secret>` of a broker's certificate, or the public id of a token. */
  readonly name: string;
  /** RFC 3339. */
  readonly expires: string;
}

/** Status of a cluster. */
export interface ClusterStatus {
  readonly name: string;
  /** URL of the Kubernetes API. */
  readonly endpoint: string;
  readonly reachable: boolean;
  /** Why the cluster is unreachable. */
  readonly problem?: string;
  readonly kubernetesVersion?: string;
  readonly servers: number;
  /** Number of agents. */
  readonly nodes: number;
  readonly nodesReady: number;
  readonly regions: readonly string[];
  readonly pods: number;
  readonly podsPlaced: number;
  readonly podsReady: number;
  readonly brokers: number;
  readonly brokersReady: number;
}

/** Status of a node. */
export interface NodeStatus {
  readonly cluster: string;
  readonly name: string;
  /** Empty for a node without a region label. */
  readonly region: string;
  readonly device: string;
  readonly pool: string;
  readonly role: "server" | "agent";
  readonly ready: boolean;
}

/** Status of a pod that has not terminated. */
export interface PodStatus {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  /** Absent until the pod is placed, and once its node has been removed. */
  readonly node?: string;
  /** Region of the node. */
  readonly region?: string;
  readonly phase: string;
  readonly ready: boolean;
  readonly scheduler: string;
}

/** Status of an MQTT broker. */
export interface BrokerStatus {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly region: string;
  readonly role: "edge" | "cloud";
  readonly ready: boolean;
}

/** Status of an edge agent. */
export interface EdgeAgentStatus {
  readonly cluster: string;
  readonly name: string;
  readonly node: string;
  /** Region of the node. */
  readonly region: string;
  /** Whether the agent answered through the API server. If not, the following fields are unknown. */
  readonly answers: boolean;
  /** Set if the lab simulates the agent, which then answers nothing. */
  readonly simulated?: boolean;
  /** Whether it is connected to its broker. */
  readonly connected?: boolean;
  /** When the cloud acknowledged messages last, RFC 3339. Absent if it never did since the agent started. */
  readonly lastAcknowledgement?: string;
  readonly classes: readonly OutboxStatus[];
}

/** Status of one class of an edge agent's outbox. */
export interface OutboxStatus {
  readonly name: string;
  /** Messages that the cloud has not acknowledged. */
  readonly depth: number;
  /** Age of the oldest of them in seconds. */
  readonly oldestSeconds: number;
  /** Space that they take on disk, and may take. */
  readonly bytes: number;
  readonly maxBytes: number;
  /** Messages that were dropped or destroyed since the outbox was created. */
  readonly lost: number;
  /** Messages that were refused since the agent started. */
  readonly refused: number;
}

/** Status of an ingest. Counters are since its start. */
export interface EdgeIngestStatus {
  readonly cluster: string;
  readonly name: string;
  /** Whether it answered through the API server. If not, the following fields are unknown. */
  readonly answers: boolean;
  /** Set if the lab simulates the ingest, which then answers nothing. */
  readonly simulated?: boolean;
  /** Whether it reaches its broker and its database. */
  readonly connected?: boolean;
  readonly stored?: number;
  /** Deliveries of messages that had been stored before. */
  readonly duplicates?: number;
  readonly rejected?: number;
  /** Messages that are missing in the database, and were not reported as lost. */
  readonly missing?: number;
  /** RFC 3339. */
  readonly lastCommit?: string;
}

/** Which links between regions the node agents of a cluster have measured. */
export interface MeasuredLinksStatus {
  readonly cluster: string;
  /** Number of pairs of regions with node agents, and how many of them have a measured link. */
  readonly pairs: number;
  readonly measured: number;
  /** When the least recent link was written, RFC 3339. Links that do not change are written hourly. Absent if there is none. */
  readonly oldest?: string;
}

/** A pod without a node. */
export interface UnplacedPod {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly scheduler: string;
  /** The scheduler's message, or a note that the scheduler has not processed the pod yet. */
  readonly reason: string;
}
