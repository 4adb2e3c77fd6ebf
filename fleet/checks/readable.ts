import type { z } from "zod";

import { defaults } from "../defaults";
import { devices } from "../devices";
import type { Broker, BrokerClient, CloudBroker, Cluster, Fleet, Link, NodePool, Region, Workload } from "../model";
import { pathText } from "../problem";
import { defaultZone } from "../schema";

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
export interface ClusterPart extends Part<Omit<Cluster, "nodePools" | "brokers" | "cloudBroker">> {
  readonly nodePools: readonly Part<NodePool>[];
  readonly brokers: readonly Part<Broker>[];
  readonly cloudBroker?: Part<CloudBroker>;
  /** Whether it states a cloud broker, readable or not. */
  readonly statesCloudBroker: boolean;
  /** Whether every pool could be read and names a known region: what is not there can only be missed then. */
  readonly allPools: boolean;
}

/** What can be read of a fleet. */
export interface Readable {
  readonly regions: readonly Part<Region>[];
  readonly links: readonly Part<Link>[];
  readonly clusters: readonly ClusterPart[];
  readonly workloads: readonly (Part<Workload> & { readonly name: string })[];
  /** Whether every region could be read. */
  readonly allRegions: boolean;
  /** Whether every cluster could be read, with all its pools. */
  readonly allPools: boolean;
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

/** The input with nothing where the schema refused something: the rest is of the schema's types. */
function withoutRefused(input: unknown, issues: Issues): Known<Fleet> | undefined {
  const root: Branch = { refused: false, below: new Map() };
  for (const path of refusedPaths(issues)) {
    let branch = root;
    for (const step of path) {
      if (!branch.below.has(step)) branch.below.set(step, { refused: false, below: new Map() });
      branch = branch.below.get(step)!;
    }
    branch.refused = true;
  }
  const copy = (value: unknown, { refused, below }: Branch): unknown => {
    if (refused) return undefined;
    if (below.size === 0 || typeof value !== "object" || value === null) return value;
    const result = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<PropertyKey, unknown>;
    for (const [step, branch] of below) result[step] = copy(result[step], branch);
    return result;
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

function filledPool(pool: Known<NodePool> | undefined): Known<NodePool> | undefined {
  if (!pool) return undefined;
  const { region, device } = pool;
  return {
    ...defaults.pool,
    ...(region === undefined ? {} : { zone: defaultZone(region) }),
    ...(device === undefined ? {} : { capacity: devices[device]?.capacity }),
    ...pool,
  };
}

const filledCluster = (cluster: Known<Cluster> | undefined): Known<Cluster> | undefined =>
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

/** Reads what can be read of a fleet that the schema refuses, with the defaults of what it leaves out. */
export function readable(input: unknown, issues: Issues): Readable {
  const known = withoutRefused(input, issues) ?? {};
  return readableParts(
    {
      ...known,
      clusters: known.clusters?.map(filledCluster),
      workloads: Object.fromEntries(
        Object.entries(known.workloads ?? {}).map(([name, value]) => [
          name,
          value && { ...defaults.workload, ...value },
        ]),
      ),
    },
    issues,
  );
}

/** The parts of a fleet, each with its path. */
export function readableParts(fleet: Known<Fleet>, issues: Issues = []): Readable {
  const refused = new Set(
    refusedPaths(issues).flatMap((path) => path.map((_step, index) => pathText(path.slice(0, index + 1)))),
  );
  const whole = (...path: PropertyKey[]): boolean => !refused.has(pathText(path));
  const regions = parts<Region>(fleet.regions, ["regions"]);
  const names = new Set(regions.map(({ value }) => value.name));
  const clusters = parts<Cluster>(fleet.clusters, ["clusters"]).map(({ path, value }): ClusterPart => {
    const { nodePools, brokers, cloudBroker, ...rest } = value;
    const pools = parts<NodePool>(nodePools, [...path, "nodePools"]);
    return {
      path,
      value: rest,
      nodePools: pools,
      brokers: parts<Broker>(brokers, [...path, "brokers"]),
      ...(cloudBroker ? { cloudBroker: { path: [...path, "cloudBroker"], value: cloudBroker } } : {}),
      statesCloudBroker: cloudBroker !== undefined || !whole(...path, "cloudBroker"),
      allPools: whole(...path, "nodePools") && pools.every((pool) => names.has(pool.value.region)),
    };
  });
  return {
    regions,
    links: parts<Link>(fleet.links, ["links"]),
    clusters,
    workloads: Object.entries(fleet.workloads ?? {}).flatMap(([name, value]) =>
      value === undefined ? [] : [{ name, path: ["workloads", name], value }],
    ),
    allRegions: whole("regions"),
    allPools:
      fleet.clusters !== undefined &&
      fleet.clusters.length === clusters.length &&
      clusters.every(({ allPools }) => allPools),
  };
}
