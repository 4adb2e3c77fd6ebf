/** The output of `skerry status --json`. A version may get more fields, but no field changes its meaning. */
export interface StatusReport {
  readonly version: 1;
  readonly clusters: readonly ClusterStatus[];
  readonly nodes: readonly NodeStatus[];
  readonly pods: readonly PodStatus[];
  readonly brokers: readonly BrokerStatus[];
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

/** A pod without a node. */
export interface UnplacedPod {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly scheduler: string;
  /** The scheduler's message, or a note that the scheduler has not processed the pod yet. */
  readonly reason: string;
}
