import { z } from "zod";

import { defaults } from "../defaults";
import { devices } from "../devices";
import { HARDENING_SETTING_IDS } from "../k3s/hardening/settings";
import { MUST_NOT_BE_EMPTY } from "./forms";
import {
  addressRange,
  cpuQuantity,
  dnsLabel,
  hasOne,
  labelValue,
  memoryQuantity,
  nodeName,
  pinnedImage,
  qualifiedName,
  serviceName,
  topicFilter,
} from "./schema-forms";
import { edgeAgents, edgeIngest, siteSync } from "./schema-edge-data";
import { backup, k3sRelease } from "./schema-k3s";
import { clusterUpgrades, upgradePolicy } from "./schema-upgrades";
import { defaultKubernetesVersion } from "../k3s/version";
import type { Capacity, Fleet } from "../model";

const text = z.string().min(1, MUST_NOT_BE_EMPTY);
const whole = z.int("must be an integer");
const upTo = (max: number) => whole.min(1, "must be at least 1").max(max, `must be at most ${max}`);
/** A number without a natural limit. The maximum is far below where numbers lose precision. */
const count = upTo(1_000_000);

const taint = z.strictObject({
  key: qualifiedName,
  value: labelValue.default(""),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
});

const capacity = z.strictObject({
  cpuCores: upTo(1024),
  coreSpeed: z.number().min(0.001, "must be at least 0.001").max(1000, "must be at most 1000").optional(),
  memoryMiB: upTo(16 * 2 ** 20),
  disk: z.enum(["sd", "emmc", "ssd", "nvme"]),
  diskGiB: count,
  iops: upTo(10_000_000),
  networkMbps: count,
});

const region = z.strictObject({
  name: dnsLabel,
  latitude: z.number().min(-90, "must be between -90 and 90").max(90, "must be between -90 and 90"),
  longitude: z.number().min(-180, "must be between -180 and 180").max(180, "must be between -180 and 180"),
});

/** Longest round-trip time: that of light through fibre four times around the Earth. */
const MAX_RTT_MS = 1000;

const link = z.strictObject({
  from: z.string(),
  to: z.string(),
  rttMs: z
    .number()
    .positive("must be greater than 0 ms (omit the link to have its round-trip time estimated)")
    .max(MAX_RTT_MS, `must be at most ${MAX_RTT_MS} ms`),
  basis: z.enum(["measured", "estimated"]),
  source: text,
  at: z.iso.date("must be a date such as 2024-08-25").optional(),
});

/** Returns the zone of pools that do not set one. */
export const defaultZone = (region: string): string => `${region}-a`;

const pricePerHour = z.number().min(0, "must not be negative");

const prices = z.strictObject({
  currency: z.string().regex(/^[A-Z]{3}$/, "must be an ISO 4217 code, such as USD"),
  perHour: z.record(z.string(), pricePerHour).default({}),
});

/** Longest validity of a bootstrap token: a year. */
const MAX_TOKEN_HOURS = 8760;

const joinToken = z.strictObject({
  hours: upTo(MAX_TOKEN_HOURS).default(defaults.joinToken.hours),
  issue: count.default(defaults.joinToken.issue),
});
const namesOrLabel = hasOne("names", "label");
const pathOrSecret = hasOne("path", "secret");

const nodeSelection = z
  .strictObject({
    names: z.array(nodeName).min(1, MUST_NOT_BE_EMPTY).max(5000, "must have at most 5000 names").optional(),
    label: z.strictObject({ key: qualifiedName, value: labelValue.min(1, MUST_NOT_BE_EMPTY) }).optional(),
  })
  .refine(namesOrLabel.check, namesOrLabel.rule);

const kubeconfig = z
  .strictObject({ path: text.optional(), secret: text.optional(), context: text.optional() })
  .refine(pathOrSecret.check, pathOrSecret.rule);

const nodePool = z
  .strictObject({
    name: dnsLabel,
    nodes: nodeSelection.optional(),
    region: z.string(),
    zone: dnsLabel.optional(),
    device: z.string(),
    role: z.enum(["edge-worker", "cloud-worker"]).default(defaults.pool.role),
    edgeNodeType: labelValue.min(1, MUST_NOT_BE_EMPTY).optional(),
    count,
    capacity: capacity.optional(),
    pricePerHour: pricePerHour.optional(),
    labels: z.record(z.string(), labelValue).default({}),
    taints: z.array(taint).default([]),
    joinToken: joinToken.optional(),
    generation: count.default(defaults.pool.generation),
    nodeAgent: z.boolean().optional(),
  })
  .transform((pool) => ({
    ...pool,
    zone: pool.zone ?? defaultZone(pool.region),
    // checkReferences reports an unknown device, so the empty capacity is never used.
    capacity: pool.capacity ?? devices[pool.device]?.capacity ?? ({} as Capacity),
  }));

const queue = z
  .strictObject({
    messages: count.default(defaults.queue.messages),
    memoryMiB: upTo(65_536).default(defaults.queue.memoryMiB),
    // MQTT's longest packet: 268,435,455 bytes (MQTT 5.0, section 1.5.5), topic and properties included.
    messageKiB: upTo(262_000).default(defaults.queue.messageKiB),
  })
  .prefault({});

const brokerClient = z.strictObject({
  name: dnsLabel,
  publish: z.array(topicFilter).default([]),
  subscribe: z.array(topicFilter).default([]),
});

const broker = z.strictObject({
  name: serviceName,
  region: z.string(),
  forward: z.array(topicFilter).default([...defaults.broker.forward]),
  clients: z.array(brokerClient).default([]),
  queue,
  storageGiB: count.default(defaults.broker.storageGiB),
});

const cloudBroker = z.strictObject({
  name: serviceName.default(defaults.cloudBroker.name),
  clients: z.array(brokerClient).default([]),
  queue,
  storageGiB: count.default(defaults.cloudBroker.storageGiB),
});

const hardening = z.strictObject({
  exceptions: z.array(z.strictObject({ setting: z.enum(HARDENING_SETTING_IDS), reason: text })).default([]),
});

const rotation = whole.min(0, "must not be negative").max(1_000_000, "must be at most 1000000").default(0);

const rotations = z
  .strictObject({ serverToken: rotation, agentToken: rotation, adminCertificate: rotation })
  .prefault({});

const clusterFields = z.strictObject({
  name: dnsLabel,
  kubeconfig: kubeconfig.optional(),
  systemPool: z.string().optional(),
  existingNamespaces: z.array(dnsLabel).default([]),
  homeRegion: z.string(),
  servers: z
    .union(
      [z.literal(1), z.literal(3), z.literal(5)],
      "must be 1, 3 or 5 (an even number of servers loses quorum when half of them fail)",
    )
    .default(defaults.cluster.servers),
  serverDevice: z.string().default(defaults.cluster.serverDevice),
  serverGeneration: count.default(defaults.cluster.serverGeneration),
  kubernetesVersion: z
    .string()
    .regex(/^1\.\d{1,3}\.\d{1,3}$/, "must be major.minor.patch, such as 1.36.3")
    .optional(),
  k3s: k3sRelease.optional(),
  hardening: hardening.optional(),
  backup: backup.optional(),
  upgrades: clusterUpgrades.optional(),
  clusterCidr: addressRange.default(defaults.cluster.clusterCidr),
  serviceCidr: addressRange.default(defaults.cluster.serviceCidr),
  nodeCidrMaskSize: whole
    .min(16, "must be between 16 and 28")
    .max(28, "must be between 16 and 28")
    .default(defaults.cluster.nodeCidrMaskSize),
  rotations,
  nodePools: z.array(nodePool),
  cloudBroker: cloudBroker.optional(),
  brokers: z.array(broker).default([]),
  edgeAgents: z.array(edgeAgents).default([]),
  edgeIngest: edgeIngest.optional(),
  siteSync: siteSync.optional(),
});

const cluster = clusterFields.transform(({ kubernetesVersion, ...rest }) => ({
  ...rest,
  kubernetesVersion: kubernetesVersion ?? defaultKubernetesVersion(rest.k3s?.version),
}));

const replicas = upTo(10_000);
const placement = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("every-node"), edgeNodeType: z.string().optional(), device: z.string().optional() }),
  z.strictObject({
    kind: z.literal("each-region"),
    regions: z.array(z.string()).min(1, MUST_NOT_BE_EMPTY),
    replicas,
  }),
  z.strictObject({ kind: z.literal("region"), region: z.string(), replicas }),
  z.strictObject({ kind: z.literal("anywhere"), replicas }),
]);

const workload = z.strictObject({
  namespace: dnsLabel.default(defaults.workload.namespace),
  image: pinnedImage,
  clusters: z.array(z.string()).min(1, MUST_NOT_BE_EMPTY).optional(),
  placement,
  resources: z.strictObject({ cpu: cpuQuantity, memory: memoryQuantity }),
  port: whole
    .min(1, "must be between 1 and 65535")
    .max(65535, "must be between 1 and 65535")
    .default(defaults.workload.port),
  env: z.record(z.string(), z.string()).default({}),
  tolerations: z.array(taint).default([]),
});

/** The schema of {@link FleetInput}. The fields are documented in `model.ts`. */
export const fleetSchema = z.strictObject({
  name: dnsLabel,
  regions: z.array(region).min(1, MUST_NOT_BE_EMPTY),
  links: z.array(link).default([]),
  clusters: z.array(cluster).min(1, MUST_NOT_BE_EMPTY),
  workloads: z.record(z.string(), workload).default({}),
  prices: prices.optional(),
  upgrades: upgradePolicy.optional(),
  nodeAgent: z.boolean().default(defaults.nodeAgent),
});

type DeepReadonly<T> = T extends (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** The form in which a team writes a fleet: a {@link Fleet} whose fields with a default are optional. */
export type FleetInput = DeepReadonly<z.input<typeof fleetSchema>>;

// Verifies that the output of the schema is assignable to the model.
type Output = z.output<typeof fleetSchema>;
const _output = (fleet: Output): Fleet => fleet;
void _output;

/** Returns the JSON Schema of a fleet in JSON or YAML, for editors. */
export function fleetJsonSchema(): object {
  return { ...z.toJSONSchema(fleetSchema, { io: "input", unrepresentable: "any" }), title: "Skerry fleet, version 1" };
}
