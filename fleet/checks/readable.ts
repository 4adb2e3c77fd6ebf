import type { z } from "zod";

import type { Broker, CloudBroker, Cluster, Link, NodePool, Region, Workload } from "../model";
import { parts } from "../schema";

/** A part of a fleet, and where it stands. */
export interface Part<T> {
  readonly path: readonly PropertyKey[];
  readonly value: T;
}

/** A cluster without its lists, which are parts of their own. */
export type ClusterPart = Part<Omit<Cluster, "nodePools" | "brokers" | "cloudBroker">> & {
  readonly nodePools: readonly Part<NodePool>[];
  readonly brokers: readonly Part<Broker>[];
  readonly cloudBroker?: Part<CloudBroker>;
  /** Whether every list of it could be read: what is not there can only be missed then. */
  readonly complete: boolean;
};

/** What can be read of a fleet. */
export interface Readable {
  readonly regions: readonly Part<Region>[];
  readonly links: readonly Part<Link>[];
  readonly clusters: readonly ClusterPart[];
  readonly workloads: readonly (Part<Workload> & { readonly name: string })[];
  /** Whether every region could be read. */
  readonly allRegions: boolean;
  /** Whether every cluster and pool could be read. */
  readonly allPools: boolean;
}

const field = (input: unknown, key: string): unknown =>
  typeof input === "object" && input !== null ? (input as Record<string, unknown>)[key] : undefined;

/** Reads a part; when some of its fields cannot be read, the rest of it with their defaults. */
function part<T>(input: unknown, schema: z.ZodType<T>): { value?: T; whole: boolean } {
  const result = schema.safeParse(input);
  if (result.success) return { value: result.data, whole: true };
  if (typeof input !== "object" || input === null) return { whole: false };
  const unreadable = new Set(
    result.error.issues.flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys : issue.path.slice(0, 1))),
  );
  const rest = Object.fromEntries(Object.entries(input).filter(([key]) => !unreadable.has(key)));
  return { value: schema.safeParse(rest).data, whole: false };
}

function list<T>(
  input: unknown,
  path: readonly PropertyKey[],
  schema: z.ZodType<T>,
): { parts: Part<T>[]; all: boolean } {
  if (input === undefined) return { parts: [], all: true };
  if (!Array.isArray(input)) return { parts: [], all: false };
  const read = input.map((item) => part(item, schema));
  const parts = read.flatMap(({ value }, index) => (value === undefined ? [] : [{ path: [...path, index], value }]));
  return { parts, all: read.every(({ whole }) => whole) };
}

function clusterPart(
  input: unknown,
  path: readonly PropertyKey[],
  regions: ReadonlySet<string>,
): ClusterPart | undefined {
  if (typeof input !== "object" || input === null) return undefined;
  const { nodePools, brokers, cloudBroker, ...rest } = input as Record<string, unknown>;
  const cluster = part({ ...rest, nodePools: [], brokers: [] }, parts.cluster).value;
  if (!cluster) return undefined;
  const pools = list(nodePools, [...path, "nodePools"], parts.nodePool);
  const edge = list(brokers, [...path, "brokers"], parts.broker);
  const cloud = part(cloudBroker, parts.cloudBroker);
  return {
    path,
    value: cluster,
    nodePools: pools.parts,
    brokers: edge.parts,
    ...(cloud.value ? { cloudBroker: { path: [...path, "cloudBroker"], value: cloud.value } } : {}),
    // What names an unknown region is reported as that; what follows from it is not.
    complete: pools.all && edge.all && pools.parts.every(({ value }) => regions.has(value.region)),
  };
}

/** Reads what can be read. */
export function readable(input: unknown): Readable {
  const regions = list(field(input, "regions"), ["regions"], parts.region);
  const stated = field(input, "clusters");
  const listed: readonly unknown[] = Array.isArray(stated) ? stated : [];
  const names = new Set(regions.parts.map(({ value }) => value.name));
  const clusters = listed.map((item, index) => clusterPart(item, ["clusters", index], names));
  const known = clusters.filter((cluster) => cluster !== undefined);
  const workloads = field(input, "workloads");
  return {
    regions: regions.parts,
    links: list(field(input, "links"), ["links"], parts.link).parts,
    clusters: known,
    workloads: Object.entries(typeof workloads === "object" && workloads !== null ? workloads : {}).flatMap(
      ([name, value]) => {
        const result = parts.workload.safeParse(value);
        return result.success ? [{ name, path: ["workloads", name], value: result.data }] : [];
      },
    ),
    allRegions: regions.all,
    allPools: Array.isArray(stated) && known.length === listed.length && known.every(({ complete }) => complete),
  };
}
