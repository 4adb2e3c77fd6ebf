import { KUBERNETES_VERSION } from "./kubernetes/version";

/**
 * Default values of a fleet's optional fields. The schema applies them to valid fleets, and the checks to fleets of which
 * only parts are valid.
 */
export const defaults = {
  pool: { role: "edge-worker", labels: {}, taints: [], generation: 1 },
  joinToken: { hours: 24, issue: 1 },
  queue: { messages: 10_000, memoryMiB: 64, messageKiB: 256 },
  broker: { forward: ["sensors/#"], clients: [], storageGiB: 1 },
  cloudBroker: { name: "cloud", clients: [], storageGiB: 8 },
  cluster: {
    servers: 1,
    serverDevice: "m6i.large",
    serverGeneration: 1,
    /** The Kubernetes version that this release is tested with. */
    kubernetesVersion: KUBERNETES_VERSION,
    clusterCidr: "10.42.0.0/16",
    serviceCidr: "10.43.0.0/16",
    nodeCidrMaskSize: 24,
    rotations: { serverToken: 0, agentToken: 0, adminCertificate: 0 },
    existingNamespaces: [],
    brokers: [],
    edgeAgents: [],
  },
  edgeAgents: { sensors: [], routes: [], relay: "broker", responses: [] },
  siteSync: { storageGiB: 1 },
  sensor: { intervalSeconds: 10 },
  outboxClass: { maxMessageBytes: 65_536 },
  databasePort: 5432,
  ingestSqlite: { storageGiB: 1 },
  nodeAgent: true,
  backup: { everyMinutes: 15, keep: 96, endpoint: "s3.amazonaws.com" },
  window: { timeZone: "UTC" },
  upgrades: {
    parallelClusters: 1,
    concurrency: 1,
    nodeTimeoutSeconds: 1800,
    readyTimeoutSeconds: 300,
    delaySeconds: 60,
    drain: { timeoutSeconds: 600, force: false },
    images: {
      controller: "docker.io/rancher/system-upgrade-controller:v0.19.2",
      /** The image that the controller itself defaults to. */
      kubectl: "docker.io/rancher/kubectl:v1.30.3",
    },
  },
  workload: { namespace: "default", port: 8080, env: {}, tolerations: [] },
} as const;
