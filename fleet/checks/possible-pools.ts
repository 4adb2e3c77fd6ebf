import type { NodePoolSpec, NodeRole, Taint } from "../model";
import type { Known, Readable } from "./readable";

/**
 * What is known of pools. A fact that could not be read may be any: a problem is one only if it is, whatever the facts are.
 */
export interface PossiblePool {
  readonly cluster: string | undefined;
  /** Whether no other pool of the cluster is unreadable as a whole. */
  readonly allPools: boolean;
  readonly pool: Known<NodePoolSpec>;
  /** Absent where it could not be read, or names no region: a misspelt name may mean any. */
  readonly region: string | undefined;
}

/** Whether something holds: for certain, or only for some values of what could not be read. */
export type Holds = "yes" | "maybe" | "no";

/** All that hold together. */
export function every(...facts: readonly Holds[]): Holds {
  if (facts.includes("no")) return "no";
  return facts.includes("maybe") ? "maybe" : "yes";
}

/** Whether a fact is one of these values. */
export const among = <T>(fact: T | undefined, values: readonly (T | undefined)[]): Holds => {
  if (fact !== undefined && values.includes(fact)) return "yes";
  return fact === undefined || values.includes(undefined) ? "maybe" : "no";
};

/** Every pool that is readable as a part. */
export function possiblePools({ clusters, regionNames }: Pick<Readable, "clusters" | "regionNames">): PossiblePool[] {
  return clusters.flatMap(({ name: cluster, nodePools, allPools }) =>
    nodePools.map(({ value: pool }) => ({
      cluster,
      allPools,
      pool,
      region: pool.region !== undefined && regionNames.known.includes(pool.region) ? pool.region : undefined,
    })),
  );
}

/** Whether a pool's nodes stand in a region and have a role. */
export const standsIn = ({ region, pool }: PossiblePool, where: string, role: NodeRole): Holds =>
  every(among(region, [where]), among(pool.role, [role]));

/** An optional fact is `undefined` where it could not be read, and not there where it was left out. */
export const isUnreadable = <Key extends PropertyKey>(part: { readonly [K in Key]?: unknown }, key: Key): boolean =>
  key in part && part[key] === undefined;

export const isWhole = (taint: Known<Taint> | undefined): taint is Taint =>
  taint?.key !== undefined && taint.value !== undefined && taint.effect !== undefined;
