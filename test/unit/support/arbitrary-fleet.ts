import fc from "fast-check";
import type {
  Broker,
  ClusterSpec,
  Fleet,
  NodePoolSpec,
  Region,
  Taint,
  Workload,
  WorkloadPlacement,
} from "../../../fleet/model";

/** Generates valid, parsed fleets with one to three clusters. */

const capacity = { cpuCores: 4, memoryMiB: 8192, disk: "ssd", diskGiB: 64, iops: 9000, networkMbps: 1000 } as const;
const regions: readonly Region[] = ["tokyo", "sydney", "paris", "dallas"].map((name, i) => ({
  name,
  latitude: 10 * i,
  longitude: -20 * i,
}));
const region = fc.constantFrom(...regions.map(({ name }) => name));
const device = fc.constantFrom("raspberry-pi-4", "raspberry-pi-5", "m6i.large");
const topics = fc.uniqueArray(fc.constantFrom("sensors/#", "commands/+/set", "a/b/c", "state"), { maxLength: 3 });
const queue = fc.record({
  messages: fc.integer({ min: 1, max: 100_000 }),
  memoryMiB: fc.integer({ min: 1, max: 512 }),
  messageKiB: fc.integer({ min: 1, max: 1024 }),
});

const taint: fc.Arbitrary<Taint> = fc.record({
  key: fc.constantFrom("dedicated", "device-type", "example.com/slow"),
  value: fc.constantFrom("", "iot", "raspberry-pi-4"),
  effect: fc.constantFrom("NoSchedule", "PreferNoSchedule", "NoExecute"),
});
const taints = fc.uniqueArray(taint, { maxLength: 3, selector: ({ key, effect }) => `${key}/${effect}` });

const pool: fc.Arbitrary<Omit<NodePoolSpec, "name">> = fc
  .record({
    region,
    device,
    role: fc.constantFrom("edge-worker", "cloud-worker"),
    edgeNodeType: fc.option(fc.constant("iot-gateway"), { nil: undefined }),
    count: fc.integer({ min: 1, max: 50 }),
    taints,
    joinToken: fc.option(
      fc.record({ hours: fc.integer({ min: 1, max: 8760 }), issue: fc.integer({ min: 1, max: 9 }) }),
      {
        nil: undefined,
      },
    ),
    nodeAgent: fc.option(fc.boolean(), { nil: undefined }),
  })
  .map(({ edgeNodeType, joinToken, nodeAgent, ...rest }) => ({
    ...rest,
    ...(nodeAgent !== undefined && { nodeAgent }),
    ...(edgeNodeType !== undefined && { edgeNodeType }),
    ...(joinToken !== undefined && { joinToken }),
    zone: `${rest.region}-a`,
    capacity,
    labels: {},
    generation: 1,
  }));

const client = fc.record({ name: fc.constantFrom("gateway", "display", "probe"), publish: topics, subscribe: topics });
const clients = fc.uniqueArray(client, { maxLength: 3, selector: ({ name }) => name });
const broker: fc.Arbitrary<Omit<Broker, "name">> = fc.record({
  region,
  forward: topics,
  clients,
  queue,
  storageGiB: fc.integer({ min: 1, max: 20 }),
});

function named<T extends object>(prefix: string, items: readonly T[]): (T & { name: string })[] {
  return items.map((item, i) => ({ ...item, name: `${prefix}-${i}` }));
}

const rotation = fc.integer({ min: 0, max: 9 });

const cluster: fc.Arbitrary<Omit<ClusterSpec, "name">> = fc
  .record({
    rotations: fc.record({ serverToken: rotation, agentToken: rotation, adminCertificate: rotation }),
    homeRegion: region,
    pools: fc.array(pool, { minLength: 1, maxLength: 6 }),
    brokers: fc.array(broker, { maxLength: 3 }),
    cloud: fc.option(fc.record({ clients, queue, storageGiB: fc.constant(8) }), { nil: undefined }),
  })
  .map(({ homeRegion, pools, brokers, cloud, rotations }) => ({
    homeRegion,
    rotations,
    servers: 1,
    serverDevice: "m6i.large",
    serverGeneration: 1,
    kubernetesVersion: "1.36.3",
    clusterCidr: "10.42.0.0/16",
    serviceCidr: "10.43.0.0/16",
    nodeCidrMaskSize: 24,
    existingNamespaces: [],
    edgeAgents: [],
    nodePools: named("pool", pools),
    brokers: cloud === undefined ? [] : named("broker", brokers),
    ...(cloud !== undefined && { cloudBroker: { ...cloud, name: "cloud" } }),
  }));

const replicas = fc.integer({ min: 1, max: 4 });
const placement: fc.Arbitrary<WorkloadPlacement> = fc.oneof(
  fc.record({ kind: fc.constant("every-node" as const) }),
  fc.record({ kind: fc.constant("every-node" as const), edgeNodeType: fc.constant("iot-gateway") }),
  fc.record({ kind: fc.constant("every-node" as const), device }),
  fc.record({
    kind: fc.constant("each-region" as const),
    regions: fc.uniqueArray(region, { minLength: 1 }),
    replicas,
  }),
  fc.record({ kind: fc.constant("region" as const), region, replicas }),
  fc.record({ kind: fc.constant("anywhere" as const), replicas }),
);

const workload: fc.Arbitrary<Workload> = fc.record({
  namespace: fc.constantFrom("default", "telemetry", "vision"),
  image: fc.constant("ghcr.io/example/program:1.0.0"),
  placement,
  resources: fc.constant({ cpu: "50m", memory: "64Mi" }),
  port: fc.integer({ min: 1024, max: 65535 }),
  env: fc.dictionary(fc.stringMatching(/^[A-Z]{1,8}$/), fc.string(), { maxKeys: 3, noNullPrototype: true }),
  tolerations: taints,
});

export const arbitraryFleet: fc.Arbitrary<Fleet> = fc
  .record({
    clusters: fc.array(cluster, { minLength: 1, maxLength: 3 }),
    workloads: fc.array(workload, { maxLength: 4 }),
    nodeAgent: fc.boolean(),
  })
  .map(({ clusters, workloads, nodeAgent }) => ({
    name: "any",
    nodeAgent,
    regions,
    links: [],
    clusters: named("cluster", clusters),
    workloads: Object.fromEntries(workloads.map((each, i) => [`workload-${i}`, each])),
  }));

/** Taints that rendered pods tolerate in addition to those in the fleet: those of a lost node. */
export const LOST_NODE = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
