import type { Fleet, NodePoolSpec } from "../fleet/model";
import { describeUnknown, suggestName } from "../fleet/problem";
import { checkFleet } from "../fleet/reading/parse";
import type { AddedNodes } from "./fit";

/** Keys of a pool on the command line. `pool` names an existing pool; the others describe a new one. */
const KEYS = ["pool", "cluster", "name", "region", "zone", "device", "role", "edgeNodeType", "count"] as const;
type Key = (typeof KEYS)[number];

const FLAG = "--add-pool";

/**
 * Parses `region=tokyo,device=raspberry-pi-5,count=4` or `pool=tokyo-pi5,count=4`.
 *
 * @throws Error with every problem
 */
export function parsePool(text: string): Partial<Record<Key, string>> {
  const fields: Partial<Record<Key, string>> = {};
  const problems: string[] = [];
  for (const part of text.split(",")) {
    const [, name = part, value] = /^([^=]*)=(.*)$/.exec(part) ?? [];
    const key = KEYS.find((each) => each === name);
    if (key === undefined) problems.push(describeUnknown("field", name, KEYS));
    else if (!value) problems.push(`${key}: must not be empty`);
    else if (fields[key] !== undefined) problems.push(`${key}: must be set once`);
    else fields[key] = value;
  }
  if (problems.length > 0) throw new Error(problems.map((problem) => `${FLAG}: ${problem}`).join("\n  "));
  return fields;
}

/** The cluster that the nodes join: the one that is named, or the only one with nodes in the region. */
function findCluster({ clusters }: Fleet, { cluster, region }: Partial<Record<Key, string>>): number {
  const names = clusters.map(({ name }) => name);
  if (cluster !== undefined) {
    if (!names.includes(cluster)) throw new Error(`${FLAG}: ${describeUnknown("cluster", cluster, names)}`);
    return names.indexOf(cluster);
  }
  const here = clusters.filter(
    ({ homeRegion, nodePools }) => homeRegion === region || nodePools.some((pool) => pool.region === region),
  );
  if (here.length === 1) return clusters.indexOf(here[0]!);
  if (names.length === 1) return 0;
  const which =
    here.length === 0 ? `no cluster has nodes in region ${region}` : `several clusters have nodes in ${region}`;
  const allowed = here.length === 0 ? names : here.map(({ name }) => name);
  throw new Error(`${FLAG}: ${which}: cluster must be set to one of: ${allowed.join(", ")}`);
}

const parseCount = (text: string | undefined): number => {
  const count = Number(text);
  if (text === undefined || !Number.isInteger(count) || count < 1)
    throw new Error(`${FLAG}: count: must be a whole number of at least 1, got ${text ?? "nothing"}`);
  return count;
};

/** Finds an existing pool, by its name and, where several clusters have it, by its cluster. */
function findPool({ clusters }: Fleet, name: string, cluster: string | undefined): { cluster: number; pool: number } {
  const all = clusters.flatMap(({ name: owner, nodePools }, index) =>
    nodePools.map((pool, at) => ({ owner, name: pool.name, cluster: index, pool: at })),
  );
  const found = all.filter((each) => each.name === name && (cluster === undefined || each.owner === cluster));
  if (found.length === 1) return found[0]!;
  const names = all.filter(({ owner }) => cluster === undefined || owner === cluster).map((each) => each.name);
  if (found.length === 0)
    throw new Error(
      `${FLAG}: unknown pool ${JSON.stringify(name)}${suggestName(name, names)} (must be one of: ${names.join(", ")})`,
    );
  throw new Error(
    `${FLAG}: several clusters have a pool ${name}: cluster must be set to one of: ${found.map(({ owner }) => owner).join(", ")}`,
  );
}

/** A name for a new pool that no pool has. */
function freeName({ clusters }: Fleet, region: string): string {
  const names = new Set(clusters.flatMap(({ nodePools }) => nodePools.map(({ name }) => name)));
  let name = `${region}-added`;
  for (let number = 2; names.has(name); number += 1) name = `${region}-added-${number}`;
  return name;
}

/**
 * Adds nodes to a fleet: more of an existing pool, or a new pool. The fleet's own rules apply to the result.
 *
 * @throws Error with every problem, which names what is allowed
 */
export function addNodes(
  fleet: Fleet,
  fields: Partial<Record<Key, string>>,
): { readonly fleet: Fleet; readonly added: AddedNodes } {
  const count = parseCount(fields.count);
  const { pool: existing, cluster: _cluster, count: _count, ...rest } = fields;
  let at: { cluster: number; pool: number };
  let pool: Partial<NodePoolSpec>;
  if (existing !== undefined) {
    const [other] = Object.keys(rest);
    if (other !== undefined) throw new Error(`${FLAG}: ${other}: must not be set with pool, which has all fields`);
    at = findPool(fleet, existing, fields.cluster);
    const before = fleet.clusters[at.cluster]!.nodePools[at.pool]!;
    pool = { ...before, count: before.count + count };
  } else {
    const cluster = findCluster(fleet, fields);
    at = { cluster, pool: fleet.clusters[cluster]!.nodePools.length };
    pool = {
      name: freeName(fleet, fields.region ?? fleet.clusters[cluster]!.name),
      ...rest,
      count,
    } as Partial<NodePoolSpec>;
  }
  const clusters = fleet.clusters.map((cluster, index) => {
    if (index !== at.cluster) return cluster;
    const nodePools: Partial<NodePoolSpec>[] = [...cluster.nodePools];
    nodePools[at.pool] = pool;
    return { ...cluster, nodePools };
  });
  const checked = checkFleet({ ...fleet, clusters });
  const prefix = `clusters[${at.cluster}].nodePools[${at.pool}]`;
  if (!checked.ok) {
    const lines = checked.problems.map(({ path, message }) => {
      const field = path.startsWith(prefix) ? path.slice(prefix.length).replace(/^\./, "") : path;
      return `${FLAG}: ${field === "" ? "" : `${field}: `}${message}`;
    });
    throw new Error(lines.join("\n  "));
  }
  const { name: cluster, nodePools } = checked.fleet.clusters[at.cluster]!;
  const { name, region, device } = nodePools[at.pool]!;
  return { fleet: checked.fleet, added: { cluster, pool: name, region, device, count } };
}
