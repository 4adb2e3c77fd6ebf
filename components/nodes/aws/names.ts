import { createHash } from "node:crypto";

import type { AwsMachinesArgs } from "./arguments";

/** Characters that Pulumi appends to a name so that it is unique. */
export const UNIQUE_SUFFIX = 8;

/** Longest names that AWS accepts. */
export const nameLimits = {
  loadBalancer: 32,
  role: 64,
  targetGroup: 32,
} as const;

/** Longest label of a DNS name. */
const MAX_DNS_LABEL = 63;

/** Longest name of a node pool: its nodes are named `<pool>-<instance id without i->`. */
export const MAX_POOL_NAME = MAX_DNS_LABEL - "-0123456789abcdef0".length;

/**
 * Returns the name of a resource in the Pulumi program, from which Pulumi derives the name in AWS. A name that would be too
 * long is cut and made unique by a hash.
 */
export function boundedName(name: string, kind: keyof typeof nameLimits): string {
  const max = nameLimits[kind] - UNIQUE_SUFFIX;
  if (name.length <= max) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, max - hash.length - 1).replace(/-+$/, "")}-${hash}`;
}

/** Returns a name of a cluster that no other in its account has. */
export const clusterId = (args: Pick<AwsMachinesArgs, "fleet" | "environment">, cluster: string): string =>
  `${args.fleet}-${args.environment}-${cluster}`;
