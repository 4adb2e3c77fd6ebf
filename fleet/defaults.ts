import { KUBERNETES_VERSION } from "./kubernetes/version";

/**
 * Default values of a fleet's optional fields. The schema applies them to valid fleets, and the checks to fleets of which
 * only parts are valid.
 */
export const defaults = {
  pool: { role: "edge-worker", labels: {}, taints: [] },
  queue: { messages: 10_000, memoryMiB: 64, messageKiB: 256 },
  broker: { forward: ["sensors/#"], clients: [], storageGiB: 1 },
  cloudBroker: { name: "cloud", clients: [], storageGiB: 8 },
  cluster: {
    servers: 1,
    serverDevice: "m6i.large",
    /** The Kubernetes version that this release is tested with. */
    kubernetesVersion: KUBERNETES_VERSION,
    clusterCidr: "10.42.0.0/16",
    serviceCidr: "10.43.0.0/16",
    nodeCidrMaskSize: 24,
    existingNamespaces: [],
    brokers: [],
  },
  workload: { namespace: "default", port: 8080, env: {}, tolerations: [] },
} as const;
