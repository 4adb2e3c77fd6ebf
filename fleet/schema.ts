import { z } from "zod";

import { devices } from "./devices";
import type { Capacity, Fleet } from "./model";

/** The Kubernetes version that this release is tested with. */
export const DEFAULT_KUBERNETES_VERSION = "1.36.3";

const name = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "allowed are 1 to 63 of a-z, 0-9 and -, not at the ends (a DNS label)",
  );
const text = z.string().min(1, "allowed is any text but none");
const whole = z.int("allowed are whole numbers");
const atLeastOne = whole.min(1, "allowed is 1 or more");
const labelMap = z.record(z.string(), z.string());

const taint = z.strictObject({
  key: z.string(),
  value: z.string().default(""),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
});

const capacity = z.strictObject({
  cpuCores: z.number().positive("allowed is more than 0"),
  memoryMiB: atLeastOne,
  disk: z.enum(["sd", "emmc", "ssd", "nvme"]),
  diskGiB: atLeastOne,
  iops: atLeastOne,
  networkMbps: atLeastOne,
});

const region = z.strictObject({
  name,
  latitude: z.number().min(-90, "allowed is -90 to 90").max(90, "allowed is -90 to 90"),
  longitude: z.number().min(-180, "allowed is -180 to 180").max(180, "allowed is -180 to 180"),
});

/** Four times around the Earth in fibre. */
export const LONGEST_RTT_MS = 1000;

const link = z.strictObject({
  from: z.string(),
  to: z.string(),
  rttMs: z
    .number()
    .positive("allowed is more than 0 ms: a pair without a figure is left out, and estimated")
    .max(LONGEST_RTT_MS, `allowed is at most ${LONGEST_RTT_MS} ms`),
  basis: z.enum(["measured", "estimated"]),
  source: text,
});

const nodePool = z
  .strictObject({
    name,
    region: z.string(),
    zone: name.optional(),
    device: z.string(),
    role: z.enum(["edge-worker", "cloud-worker"]).default("edge-worker"),
    edgeNodeType: z.string().optional(),
    count: atLeastOne,
    capacity: capacity.optional(),
    labels: labelMap.default({}),
    taints: z.array(taint).default([]),
  })
  .transform((pool) => ({
    ...pool,
    zone: pool.zone ?? `${pool.region}-a`,
    // A device that nobody knows is reported by a check; what stands here then is never used.
    capacity: pool.capacity ?? devices[pool.device]?.capacity ?? ({} as Capacity),
  }));

const queue = z
  .strictObject({
    messages: atLeastOne.default(10_000),
    memoryMiB: atLeastOne.default(64),
    messageKiB: atLeastOne.default(256),
  })
  .prefault({});

const brokerClient = z.strictObject({
  name,
  publish: z.array(z.string()).default([]),
  subscribe: z.array(z.string()).default([]),
});

const broker = z.strictObject({
  name,
  region: z.string(),
  forward: z.array(z.string()).default(["sensors/#"]),
  clients: z.array(brokerClient).default([]),
  queue,
  storageGiB: atLeastOne.default(1),
});

const cloudBroker = z.strictObject({
  name: name.default("cloud"),
  clients: z.array(brokerClient).default([]),
  queue,
  storageGiB: atLeastOne.default(8),
});

const cluster = z.strictObject({
  name,
  homeRegion: z.string(),
  servers: z
    .union([z.literal(1), z.literal(3), z.literal(5)], "allowed are 1, 3 or 5: an even number stops when half are lost")
    .default(1),
  serverDevice: z.string().default("m6i.large"),
  kubernetesVersion: z
    .string()
    .regex(/^1\.\d+\.\d+$/, "allowed is major.minor.patch, as 1.36.3")
    .default(DEFAULT_KUBERNETES_VERSION),
  clusterCidr: z.string().default("10.42.0.0/16"),
  serviceCidr: z.string().default("10.43.0.0/16"),
  nodeCidrMaskSize: whole.min(16, "allowed is 16 to 28").max(28, "allowed is 16 to 28").default(24),
  nodePools: z.array(nodePool),
  cloudBroker: cloudBroker.optional(),
  brokers: z.array(broker).default([]),
});

const replicas = atLeastOne;
const placement = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("every-node"), edgeNodeType: z.string().optional(), device: z.string().optional() }),
  z.strictObject({
    kind: z.literal("each-region"),
    regions: z.array(z.string()).min(1, "allowed is 1 region or more"),
    replicas,
  }),
  z.strictObject({ kind: z.literal("region"), region: z.string(), replicas }),
  z.strictObject({ kind: z.literal("anywhere"), replicas }),
]);

const workload = z.strictObject({
  namespace: name.default("default"),
  image: text,
  clusters: z.array(z.string()).optional(),
  placement,
  resources: z.strictObject({ cpu: z.string(), memory: z.string() }),
  port: whole.min(1, "allowed is 1 to 65535").max(65535, "allowed is 1 to 65535").default(8080),
  env: z.record(z.string(), z.string()).default({}),
  tolerates: z.array(taint).default([]),
});

/** A fleet as it may be written: see `model.ts` for what each field means. */
export const fleetSchema = z.strictObject({
  name,
  regions: z.array(region).min(1, "allowed is 1 region or more"),
  links: z.array(link).default([]),
  clusters: z.array(cluster),
  workloads: z.record(z.string(), workload).default({}),
});

/** The parts of a fleet that can be understood on their own, so that one that cannot hides no problem of another. */
export const parts = { region, link, cluster, nodePool, broker, cloudBroker, workload } as const;

type DeepReadonly<T> = T extends (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** What a module may state: {@link Fleet} with its defaults left out. */
export type FleetInput = DeepReadonly<z.input<typeof fleetSchema>>;

// What the schema gives is what the model says.
type Output = z.output<typeof fleetSchema>;
const _output = (fleet: Output): Fleet => fleet;
void _output;

/** JSON Schema of a fleet in JSON or YAML, for editors. */
export function fleetJsonSchema(): object {
  return { ...z.toJSONSchema(fleetSchema, { io: "input", unrepresentable: "any" }), title: "Skerry fleet, version 1" };
}
