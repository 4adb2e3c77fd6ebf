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
  return cut(name, nameLimits[kind] - UNIQUE_SUFFIX);
}

/** Longest name of a bucket. */
export const MAX_BUCKET_NAME = 63;

/**
 * Returns the name of the bucket with the snapshots of a cluster, which `AwsMachines` creates. Names of buckets are unique in
 * all accounts.
 *
 * @param args the arguments of `AwsMachines`
 * @param cluster name of the cluster
 */
export const snapshotBucketName = (
  args: Pick<AwsMachinesArgs, "fleet" | "environment" | "accountId">,
  cluster: string,
): string => cut(`${args.fleet}-${args.environment}-${cluster}-snapshots-${args.accountId}`, MAX_BUCKET_NAME);

function cut(name: string, max: number): string {
  if (name.length <= max) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, max - hash.length - 1).replace(/-+$/, "")}-${hash}`;
}
