import type { z } from "zod";

import { defaults } from "../defaults";
import { devices } from "../devices";
import type {
  Broker,
  BrokerClient,
  CloudBroker,
  ClusterSpec,
  EdgeAgents,
  Fleet,
  Link,
  NodePoolSpec,
  Prices,
  Region,
  UpgradePolicy,
  Workload,
} from "../model";
import { defaultKubernetesVersion } from "../k3s/version";
import { defaultZone } from "../reading/schema";

/** A value any part of which may be `undefined`, because what the fleet has there could not be read. */
export type DeepPartial<T> = T extends readonly (infer Item)[]
  ? readonly (DeepPartial<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: DeepPartial<T[Key]> | undefined }
    : T;

/** A part of a fleet and its path. */
export interface Part<T> {
  readonly path: readonly PropertyKey[];
  readonly value: DeepPartial<T>;
}

/** A cluster, with the items of its lists as parts. */
export interface ClusterPart extends Part<Omit<ClusterSpec, "nodePools" | "brokers" | "cloudBroker" | "edgeAgents">> {
  /** Its name, even if malformed. */
  readonly name: string | undefined;
  readonly nodePools: readonly Part<NodePoolSpec>[];
  readonly brokers: readonly Part<Broker>[];
  readonly cloudBroker?: Part<CloudBroker>;
  readonly edgeAgents: readonly Part<EdgeAgents>[];
  /** Whether the cluster has a cloud broker, readable or not. */
  readonly hasCloudBroker: boolean;
  /** Whether the cluster has brokers, readable or not. */
  readonly hasBrokers: boolean;
  /** Whether every pool could be read, at least in part. */
  readonly allPools: boolean;
}

/** Reports whether a cluster exists, even if the reference to its kubeconfig could not be read. */
export const isExisting = ({ value }: ClusterPart): boolean => "kubeconfig" in value;

/** The parts of a fleet that could be read. */
export interface FleetParts {
  readonly regions: readonly Part<Region>[];
  readonly links: readonly Part<Link>[];
  readonly clusters: readonly ClusterPart[];
  readonly workloads: readonly (Part<Workload> & { readonly name: string })[];
  readonly prices: DeepPartial<Prices>;
  /** Whether the fleet has prices, readable or not. */
  readonly hasPrices: boolean;
  /** Absent if the fleet has none. */
  readonly upgrades?: DeepPartial<UpgradePolicy>;
  /** Names that other parts may refer to, even if malformed. */
  readonly regionNames: NameList;
  readonly clusterNames: NameList;
  /** Whether every cluster and every pool could be read, at least in part. */
  readonly allPools: boolean;
}

/** The names of a list's items. */
export interface NameList {
  readonly names: readonly string[];
  /** Whether every item has a name that is a string. Only then is a name that is not in the list an unknown one. */
  readonly complete: boolean;
}

type Issues = readonly z.core.$ZodIssue[];

/** Returns the paths of invalid values. A discriminated union with an invalid `kind` is invalid as a whole. */
function invalidPaths(issues: Issues): (readonly PropertyKey[])[] {
  return issues
    .filter(({ code }) => code !== "unrecognized_keys")
    .map(({ code, path }) => (code === "invalid_union" && path.at(-1) === "kind" ? path.slice(0, -1) : path));
}

interface Branch {
  invalid: boolean;
  readonly children: Map<PropertyKey, Branch>;
}

const newBranch = (): Branch => ({ invalid: false, children: new Map() });

/** Deeper than any field of a fleet. A module's value may contain itself. */
const MAX_DEPTH = 10;

/**
 * Copies the input with `undefined` in place of every invalid value, and without the fields that the input itself sets to
 * `undefined`. What remains has the types of the schema.
 */
function removeInvalid(input: unknown, issues: Issues): DeepPartial<Fleet> | undefined {
  const root = newBranch();
  for (const path of invalidPaths(issues)) {
    let branch = root;
    for (const step of path) {
      if (!branch.children.has(step)) branch.children.set(step, newBranch());
      branch = branch.children.get(step)!;
    }
    branch.invalid = true;
  }
  const copy = (value: unknown, { invalid, children } = newBranch(), depth = 0): unknown => {
    if (invalid) return undefined;
    if (depth > MAX_DEPTH || typeof value !== "object" || value === null) return value;
    const copyChild = (item: unknown, step: PropertyKey): unknown => copy(item, children.get(step), depth + 1);
    if (Array.isArray(value)) return value.map(copyChild);
    const kept = Object.entries(value).filter(([key, item]) => item !== undefined || children.has(key));
    return Object.fromEntries(kept.map(([key, item]) => [key, copyChild(item, key)]));
  };
  return copy(input, root) as DeepPartial<Fleet> | undefined;
}

const withBrokerDefaults = (broker: DeepPartial<Broker> | undefined): DeepPartial<Broker> | undefined =>
  broker && { ...defaults.broker, ...broker, ...clientsAndQueue(broker) };

const withCloudBrokerDefaults = (broker: DeepPartial<CloudBroker>): DeepPartial<CloudBroker> => ({
  ...defaults.cloudBroker,
  ...broker,
  ...clientsAndQueue(broker),
});

function clientsAndQueue(broker: DeepPartial<CloudBroker>): Pick<DeepPartial<CloudBroker>, "clients" | "queue"> {
  const withDefaults = (client: DeepPartial<BrokerClient> | undefined) =>
    client && { publish: [], subscribe: [], ...client };
  return {
    ...("clients" in broker ? { clients: broker.clients?.map(withDefaults) } : {}),
    queue: { ...defaults.queue, ...broker.queue },
  };
}

const withEdgeAgentsDefaults = (agents: DeepPartial<EdgeAgents> | undefined): DeepPartial<EdgeAgents> | undefined =>
  agents && {
    ...defaults.edgeAgents,
    ...agents,
    ...("classes" in agents
      ? { classes: agents.classes?.map((each) => each && { ...defaults.outboxClass, ...each }) }
      : {}),
  };

function withPoolDefaults(pool: DeepPartial<NodePoolSpec> | undefined): DeepPartial<NodePoolSpec> | undefined {
  if (!pool) return undefined;
  const { region, device } = pool;
  return {
    ...defaults.pool,
    ...(region === undefined ? {} : { zone: defaultZone(region) }),
    ...(device === undefined ? {} : { capacity: devices[device]?.capacity }),
    ...pool,
  };
}

const withClusterDefaults = (cluster: DeepPartial<ClusterSpec> | undefined): DeepPartial<ClusterSpec> | undefined =>
  cluster && {
    ...defaults.cluster,
    kubernetesVersion: defaultKubernetesVersion(cluster.k3s?.version),
    ...cluster,
    nodePools: cluster.nodePools?.map(withPoolDefaults),
    ...("brokers" in cluster ? { brokers: cluster.brokers?.map(withBrokerDefaults) } : {}),
    ...("edgeAgents" in cluster ? { edgeAgents: cluster.edgeAgents?.map(withEdgeAgentsDefaults) } : {}),
    ...(cluster.cloudBroker ? { cloudBroker: withCloudBrokerDefaults(cluster.cloudBroker) } : {}),
  };

const withUpgradeDefaults = (upgrades: DeepPartial<UpgradePolicy>): DeepPartial<UpgradePolicy> => ({
  ...defaults.upgrades,
  ...upgrades,
  drain: { ...defaults.upgrades.drain, ...upgrades.drain },
});

function toParts<T>(
  items: readonly (DeepPartial<T> | undefined)[] | undefined,
  path: readonly PropertyKey[],
): Part<T>[] {
  return (items ?? []).flatMap((value, index) => (value === undefined ? [] : [{ path: [...path, index], value }]));
}

/** Collects names from the input itself, so that malformed ones count too. */
function collectNames(items: unknown): NameList {
  if (!Array.isArray(items)) return { names: [], complete: false };
  const names = items.flatMap((item: unknown) => getName(item) ?? []);
  return { names, complete: names.length === items.length };
}

function getName(item: unknown): string | undefined {
  const name = (item as { readonly name?: unknown } | null | undefined)?.name;
  return typeof name === "string" ? name : undefined;
}

/**
 * Collects the parts of a fleet that could be read, with defaults applied.
 *
 * @param issues what the schema reports for the input
 */
export function collectParts(input: unknown, issues: Issues): FleetParts {
  const fleet = removeInvalid(input, issues) ?? {};
  const raw = (input ?? {}) as {
    readonly regions?: unknown;
    readonly clusters?: unknown;
    readonly prices?: unknown;
    readonly upgrades?: unknown;
  };
  const clusters = toParts<ClusterSpec>(fleet.clusters?.map(withClusterDefaults), ["clusters"]).map(
    ({ path, value }) => {
      const { nodePools, brokers, cloudBroker, edgeAgents, ...rest } = value;
      const pools = toParts<NodePoolSpec>(nodePools, [...path, "nodePools"]);
      return {
        path,
        value: rest,
        name: getName((raw.clusters as readonly unknown[])[path[1] as number]),
        nodePools: pools,
        brokers: toParts<Broker>(brokers, [...path, "brokers"]),
        edgeAgents: toParts<EdgeAgents>(edgeAgents, [...path, "edgeAgents"]),
        ...(cloudBroker ? { cloudBroker: { path: [...path, "cloudBroker"], value: cloudBroker } } : {}),
        hasCloudBroker: "cloudBroker" in value,
        hasBrokers: (brokers ?? []).length > 0,
        allPools: nodePools?.length === pools.length,
      };
    },
  );
  return {
    regions: toParts<Region>(fleet.regions, ["regions"]),
    links: toParts<Link>(fleet.links, ["links"]),
    clusters,
    workloads: Object.entries(fleet.workloads ?? {}).map(([name, value]) => ({
      name,
      path: ["workloads", name],
      // The name of an unreadable workload still counts.
      value: value ? { ...defaults.workload, ...value } : {},
    })),
    prices: fleet.prices ?? {},
    hasPrices: raw.prices !== undefined,
    ...(raw.upgrades !== undefined && { upgrades: withUpgradeDefaults(fleet.upgrades ?? {}) }),
    regionNames: collectNames(raw.regions),
    clusterNames: collectNames(raw.clusters),
    allPools: fleet.clusters?.length === clusters.length && clusters.every(({ allPools }) => allPools),
  };
}
