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

function list<T>(
  input: unknown,
  path: readonly PropertyKey[],
  schema: z.ZodType<T>,
): { parts: Part<T>[]; all: boolean } {
  if (input === undefined) return { parts: [], all: true };
  if (!Array.isArray(input)) return { parts: [], all: false };
  const found = input.flatMap((item, index): Part<T>[] => {
    const result = schema.safeParse(item);
    return result.success ? [{ path: [...path, index], value: result.data }] : [];
  });
  return { parts: found, all: found.length === input.length };
}

function clusterPart(input: unknown, path: readonly PropertyKey[]): ClusterPart | undefined {
  if (typeof input !== "object" || input === null) return undefined;
  const { nodePools, brokers, cloudBroker, ...rest } = input as Record<string, unknown>;
  const cluster = parts.cluster.safeParse({ ...rest, nodePools: [], brokers: [] });
  if (!cluster.success) return undefined;
  const pools = list(nodePools, [...path, "nodePools"], parts.nodePool);
  const edge = list(brokers, [...path, "brokers"], parts.broker);
  const cloud = parts.cloudBroker.safeParse(cloudBroker);
  return {
    path,
    value: cluster.data,
    nodePools: pools.parts as Part<NodePool>[],
    brokers: edge.parts,
    ...(cloud.success ? { cloudBroker: { path: [...path, "cloudBroker"], value: cloud.data } } : {}),
    complete: pools.all && edge.all && (cloudBroker === undefined || cloud.success),
  };
}

/** Reads what can be read. */
export function readable(input: unknown): Readable {
  const regions = list(field(input, "regions"), ["regions"], parts.region);
  const stated = field(input, "clusters");
  const listed: readonly unknown[] = Array.isArray(stated) ? stated : [];
  const clusters = listed.map((item, index) => clusterPart(item, ["clusters", index]));
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
    allPools: known.length === listed.length && known.every(({ complete }) => complete),
  };
}
