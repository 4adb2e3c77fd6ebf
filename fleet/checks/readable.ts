import type { z } from "zod";

import { defaults } from "../defaults";
import { devices } from "../devices";
import type {
  Broker,
  BrokerClient,
  CloudBroker,
  ClusterSpec,
  Fleet,
  Link,
  NodePoolSpec,
  Region,
  Workload,
} from "../model";
import { defaultZone } from "../reading/schema";

/** A value of which any part may be unknown, because what was stated there could not be read. */
export type Known<T> = T extends readonly (infer Item)[]
  ? readonly (Known<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Known<T[Key]> | undefined }
    : T;

/** A part of a fleet, and where it stands. */
export interface Part<T> {
  readonly path: readonly PropertyKey[];
  readonly value: Known<T>;
}

/** A cluster, and its lists as parts of their own. */
export interface ClusterPart extends Part<Omit<ClusterSpec, "nodePools" | "brokers" | "cloudBroker">> {
  /** Its name, though it may have a wrong form. */
  readonly name: string | undefined;
  readonly nodePools: readonly Part<NodePoolSpec>[];
  readonly brokers: readonly Part<Broker>[];
  readonly cloudBroker?: Part<CloudBroker>;
  /** Whether it states a cloud broker, readable or not. */
  readonly statesCloudBroker: boolean;
  /** Whether it states brokers, readable or not. */
  readonly statesBrokers: boolean;
  /** Whether no pool is unreadable as a whole. */
  readonly allPools: boolean;
}

/** What can be read of a fleet. */
export interface Readable {
  readonly regions: readonly Part<Region>[];
  readonly links: readonly Part<Link>[];
  readonly clusters: readonly ClusterPart[];
  readonly workloads: readonly (Part<Workload> & { readonly name: string })[];
  /** Names that others refer to, though they may have a wrong form. */
  readonly regionNames: Names;
  readonly clusterNames: Names;
  /** Whether no cluster and no pool is unreadable as a whole. */
  readonly allPools: boolean;
}

/** Names of the items of a list. */
export interface Names {
  readonly known: readonly string[];
  /** Whether every item has a name that is text: what is not among them can only be unknown then. */
  readonly all: boolean;
}

type Issues = readonly z.core.$ZodIssue[];

/** Where the schema refused something. A union that does not know its kind could read nothing of the value. */
function refusedPaths(issues: Issues): (readonly PropertyKey[])[] {
  return issues
    .filter(({ code }) => code !== "unrecognized_keys")
    .map(({ code, path }) => (code === "invalid_union" && path.at(-1) === "kind" ? path.slice(0, -1) : path));
}

interface Branch {
  refused: boolean;
  readonly below: Map<PropertyKey, Branch>;
}

const newBranch = (): Branch => ({ refused: false, below: new Map() });

/** Deeper than any field of a fleet: what a module states below may lead back to itself. */
const DEEPEST = 10;

/**
 * The input with `undefined` where the schema refused something, and nothing where it states `undefined` itself: the rest
 * is of the schema's types.
 */
function withoutRefused(input: unknown, issues: Issues): Known<Fleet> | undefined {
  const root = newBranch();
  for (const path of refusedPaths(issues)) {
    let branch = root;
    for (const step of path) {
      if (!branch.below.has(step)) branch.below.set(step, newBranch());
      branch = branch.below.get(step)!;
    }
    branch.refused = true;
  }
  const copy = (value: unknown, { refused, below } = newBranch(), depth = 0): unknown => {
    if (refused) return undefined;
    if (depth > DEEPEST || typeof value !== "object" || value === null) return value;
    const within = (item: unknown, step: PropertyKey): unknown => copy(item, below.get(step), depth + 1);
    if (Array.isArray(value)) return value.map(within);
    const kept = Object.entries(value).filter(([key, item]) => item !== undefined || below.has(key));
    return Object.fromEntries(kept.map(([key, item]) => [key, within(item, key)]));
  };
  return copy(input, root) as Known<Fleet> | undefined;
}

const filledBroker = (broker: Known<Broker> | undefined): Known<Broker> | undefined =>
  broker && { ...defaults.broker, ...broker, ...clientsAndQueue(broker) };

const filledCloudBroker = (broker: Known<CloudBroker>): Known<CloudBroker> => ({
  ...defaults.cloudBroker,
  ...broker,
  ...clientsAndQueue(broker),
});

function clientsAndQueue(broker: Known<CloudBroker>): Pick<Known<CloudBroker>, "clients" | "queue"> {
  const fill = (client: Known<BrokerClient> | undefined) => client && { publish: [], subscribe: [], ...client };
  return {
    ...("clients" in broker ? { clients: broker.clients?.map(fill) } : {}),
    queue: { ...defaults.queue, ...broker.queue },
  };
}

function filledPool(pool: Known<NodePoolSpec> | undefined): Known<NodePoolSpec> | undefined {
  if (!pool) return undefined;
  const { region, device } = pool;
  return {
    ...defaults.pool,
    ...(region === undefined ? {} : { zone: defaultZone(region) }),
    ...(device === undefined ? {} : { capacity: devices[device]?.capacity }),
    ...pool,
  };
}

const filledCluster = (cluster: Known<ClusterSpec> | undefined): Known<ClusterSpec> | undefined =>
  cluster && {
    ...defaults.cluster,
    ...cluster,
    nodePools: cluster.nodePools?.map(filledPool),
    ...("brokers" in cluster ? { brokers: cluster.brokers?.map(filledBroker) } : {}),
    ...(cluster.cloudBroker ? { cloudBroker: filledCloudBroker(cluster.cloudBroker) } : {}),
  };

function parts<T>(items: readonly (Known<T> | undefined)[] | undefined, path: readonly PropertyKey[]): Part<T>[] {
  return (items ?? []).flatMap((value, index) => (value === undefined ? [] : [{ path: [...path, index], value }]));
}

/** Names as they were written, before the schema refused their form. */
function namesOf(items: unknown): Names {
  if (!Array.isArray(items)) return { known: [], all: false };
  const known = items.flatMap((item: unknown) => nameOf(item) ?? []);
  return { known, all: known.length === items.length };
}

function nameOf(item: unknown): string | undefined {
  const name = (item as { readonly name?: unknown } | null | undefined)?.name;
  return typeof name === "string" ? name : undefined;
}

/** Reads what can be read of a fleet, with the defaults of what it leaves out. */
export function readable(input: unknown, issues: Issues): Readable {
  const fleet = withoutRefused(input, issues) ?? {};
  const written = (input ?? {}) as { readonly regions?: unknown; readonly clusters?: unknown };
  const clusters = parts<ClusterSpec>(fleet.clusters?.map(filledCluster), ["clusters"]).map(({ path, value }) => {
    const { nodePools, brokers, cloudBroker, ...rest } = value;
    const pools = parts<NodePoolSpec>(nodePools, [...path, "nodePools"]);
    return {
      path,
      value: rest,
      name: nameOf((written.clusters as readonly unknown[])[path[1] as number]),
      nodePools: pools,
      brokers: parts<Broker>(brokers, [...path, "brokers"]),
      ...(cloudBroker ? { cloudBroker: { path: [...path, "cloudBroker"], value: cloudBroker } } : {}),
      statesCloudBroker: "cloudBroker" in value,
      statesBrokers: (brokers ?? []).length > 0,
      allPools: nodePools?.length === pools.length,
    };
  });
  return {
    regions: parts<Region>(fleet.regions, ["regions"]),
    links: parts<Link>(fleet.links, ["links"]),
    clusters,
    workloads: Object.entries(fleet.workloads ?? {}).map(([name, value]) => ({
      name,
      path: ["workloads", name],
      // Of a workload that could not be read, its key still counts.
      value: value ? { ...defaults.workload, ...value } : {},
    })),
    regionNames: namesOf(written.regions),
    clusterNames: namesOf(written.clusters),
    allPools: fleet.clusters?.length === clusters.length && clusters.every(({ allPools }) => allPools),
  };
}
