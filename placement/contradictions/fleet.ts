import { findRepellingTaints, formatTaint } from "../../fleet/kubernetes/tolerations";
import { labels as skerryLabels } from "../../fleet/labels";
import type { ClusterSpec, NodePoolSpec } from "../../fleet/model";
import { nodeLabels, nodeNames } from "../../fleet/nodes";
import { formatValue, describeUnknown } from "../../fleet/problem";
import { apartFromSelf } from "../model/apart-from-self";
import { nameAuthor } from "../model/authored";
import {
  type PlacementContext,
  type RequestedConstraint,
  selectKind,
  type SpreadConstraint,
} from "../model/constraint";
import { type Demand, demandsOf } from "../model/demands";
import { DOMAIN_KEYS } from "../model/domains";
import { namesOf, pairsOf } from "../model/names";
import { tolerationsOf } from "../render/tolerations";

/** A pool, with the labels of its nodes. */
interface LabeledPool {
  readonly pool: NodePoolSpec;
  readonly labels: Readonly<Record<string, string>>;
}

/** The pools of a cluster, and the keys of the labels whose value is known for every node. */
interface ClusterNodes {
  readonly pools: readonly LabeledPool[];
  readonly keys: ReadonlySet<string>;
}

const cache = new WeakMap<ClusterSpec, ClusterNodes>();

/** Cached, because a parsed cluster does not change. */
function nodesOf(cluster: ClusterSpec): ClusterNodes {
  const cached = cache.get(cluster);
  if (cached) return cached;
  const pools = cluster.nodePools.map((pool) => ({ pool, labels: nodeLabels(pool) }));
  const keys = new Set([...Object.values(skerryLabels), ...pools.flatMap(({ labels }) => Object.keys(labels))]);
  const nodes = { pools, keys };
  cache.set(cluster, nodes);
  return nodes;
}

/** The most pools that a message lists. */
const LISTED = 6;

/** Returns what the cluster's node pools cannot satisfy. */
export function checkAgainstFleet(
  context: PlacementContext,
  asked: readonly RequestedConstraint[],
  all: readonly RequestedConstraint[],
): string[] {
  if (!context.scope) return [];
  const { cluster } = context.scope;
  const { pools, keys } = nodesOf(cluster);
  const demands = demandsOf(context, all, (key) => keys.has(key));
  const unmet = findUnmetDemands(pools, demands, cluster.name);
  if (unmet.length > 0) return unmet;

  const matching = pools.filter((pool) => meetsAll(pool, demands));
  const tolerations = tolerationsOf(context, asked);
  const open = matching.filter(({ pool: { taints } }) => findRepellingTaints(taints, tolerations).length === 0);
  if (open.length === 0 && pools.length > 0) {
    return [describeTaints(matching, demands, nameAuthor(context), cluster.name)];
  }
  return [...selectKind(asked, "spread"), ...apartFromSelf(context, all)].flatMap((spread) =>
    checkDomains(spread, open, pools, demands, cluster.name),
  );
}

const meetsAll = ({ labels }: LabeledPool, demands: readonly Demand[]): boolean =>
  demands.every((demand) => demand.allows(labels));

/** Reports each demand that no pool meets; else each pair of which no pool meets both; else all of them. */
function findUnmetDemands(pools: readonly LabeledPool[], demands: readonly Demand[], cluster: string): string[] {
  const isUnmet = (some: readonly Demand[]): boolean => !pools.some((pool) => meetsAll(pool, some));
  const alone = demands.filter((demand) => isUnmet([demand]));
  if (alone.length > 0) {
    return alone.map(
      (demand) => `${demand.by}: no node pool of cluster ${cluster} has ${demand.text}${describeValues(demand, pools)}`,
    );
  }
  const pairs = pairsOf(demands).filter(([a, b]) => isUnmet([a, b]));
  const conflicts = pairs.length > 0 ? pairs : isUnmet(demands) ? [demands] : [];
  return conflicts.map((some) => {
    const pairings = some.map(
      (demand) => `${demand.text} matches ${listPools(pools.filter((pool) => meetsAll(pool, [demand])))}`,
    );
    return `${namesOf(some)}: no node pool of cluster ${cluster} matches all of them: ${pairings.sort().join("; ")}`;
  });
}

function describeValues({ key, values = [] }: Demand, pools: readonly LabeledPool[]): string {
  if (key === undefined) return "";
  const existing = pools.flatMap((pool) => pool.labels[key] ?? []);
  if (values.length === 1) return `: ${describeUnknown(key, values[0]!, existing)}`;
  return `: got ${values.map(formatValue).join(", ")}, must be one of: ${[...new Set(existing)].sort().join(", ") || "none"}`;
}

function describeTaints(
  matching: readonly LabeledPool[],
  demands: readonly Demand[],
  author: string,
  cluster: string,
): string {
  const requesters = namesOf(demands.length > 0 ? demands : [{ by: author }]);
  const taints = matching
    .map(({ pool }) => `${pool.name} has ${findRepellingTaints(pool.taints).map(formatTaint).join(", ")}`)
    .sort();
  const more = taints.length > LISTED ? `; and ${taints.length - LISTED} more` : "";
  return (
    `${requesters}: every matching node in cluster ${cluster} has a taint that the pods do not tolerate: ` +
    `${taints.slice(0, LISTED).join("; ")}${more}: add Dedicated, OnNodePool or a toleration`
  );
}

/** Reports a spread over more domains than the open pools have. */
function checkDomains(
  spread: RequestedConstraint<SpreadConstraint>,
  open: readonly LabeledPool[],
  pools: readonly LabeledPool[],
  demands: readonly Demand[],
  cluster: string,
): string[] {
  const { over, minDomains, whenUnsatisfiable } = spread.constraint;
  const least = minDomains ?? 2;
  const countDomains = (some: readonly LabeledPool[]): number =>
    new Set(some.flatMap(({ pool, labels }) => (over === "node" ? nodeNames(pool) : labels[DOMAIN_KEYS[over]]))).size;
  const available = countDomains(open);
  if (available >= least) return [];
  const restricting =
    countDomains(pools) < least
      ? []
      : demands.filter((demand) => countDomains(pools.filter((pool) => meetsAll(pool, [demand]))) < least);
  // A soft spread over zones or nodes is best effort. One over regions contradicts a constraint to a single region.
  const isStrict = over === "region" || (over === "zone" && whenUnsatisfiable === "DoNotSchedule");
  if (minDomains === undefined && !(isStrict && restricting.length > 0)) return [];
  return [
    `${namesOf([spread, ...restricting])}: pods must be spread over at least ${least} ${over}s, but can run in only ` +
      `${available} of cluster ${cluster} (pools ${listPools(open)}): remove one of the constraints, or require fewer ${over}s`,
  ];
}

function listPools(pools: readonly LabeledPool[]): string {
  const names = pools.map(({ pool }) => pool.name).sort();
  const more = names.length > LISTED ? `, and ${names.length - LISTED} more` : "";
  return names.length === 0 ? "none" : `${names.slice(0, LISTED).join(", ")}${more}`;
}
