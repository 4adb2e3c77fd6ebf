import type { NodePoolSpec, NodeRole, Taint } from "../model";
import type { DeepPartial, FleetParts } from "./fleet-parts";

/**
 * A pool of which some fields may not have been read. Such a field may have any value: checks report a problem only if it
 * exists for every value.
 */
export interface PossiblePool {
  readonly cluster: string | undefined;
  /** Whether every pool of the cluster could be read, at least in part. */
  readonly allPools: boolean;
  readonly pool: DeepPartial<NodePoolSpec>;
  /** Undefined if it could not be read or does not exist: a misspelt name may mean any region. */
  readonly region: string | undefined;
}

/** Whether a condition is true: for every value, for some values or for no value of the fields that could not be read. */
export type Certainty = "yes" | "maybe" | "no";

/** Combines conditions that must all be true. */
export function allOf(...conditions: readonly Certainty[]): Certainty {
  if (conditions.includes("no")) return "no";
  return conditions.includes("maybe") ? "maybe" : "yes";
}

/** Reports whether a value is in a list. On both sides, `undefined` may be any value. */
export const isOneOf = <T>(value: T | undefined, allowed: readonly (T | undefined)[]): Certainty => {
  if (value !== undefined && allowed.includes(value)) return "yes";
  return value === undefined || allowed.includes(undefined) ? "maybe" : "no";
};

/** Returns every pool that could be read, at least in part. */
export function findPossiblePools({
  clusters,
  regionNames,
}: Pick<FleetParts, "clusters" | "regionNames">): PossiblePool[] {
  return clusters.flatMap(({ name: cluster, nodePools, allPools }) =>
    nodePools.map(({ value: pool }) => ({
      cluster,
      allPools,
      pool,
      region: pool.region !== undefined && regionNames.names.includes(pool.region) ? pool.region : undefined,
    })),
  );
}

/** Reports whether a pool's nodes are in a region and have a role. */
export const isInRegion = ({ region, pool }: PossiblePool, name: string, role: NodeRole): Certainty =>
  allOf(isOneOf(region, [name]), isOneOf(pool.role, [role]));

/** Reports whether an optional field could not be read. Its value is then `undefined`; an omitted field has no key. */
export const isUnreadable = <Key extends PropertyKey>(part: { readonly [K in Key]?: unknown }, key: Key): boolean =>
  key in part && part[key] === undefined;

export const isComplete = (taint: DeepPartial<Taint> | undefined): taint is Taint =>
  taint?.key !== undefined && taint.value !== undefined && taint.effect !== undefined;
