import { shown, unknown } from "../fleet/problem";
import { labels as knownLabels } from "../fleet/labels";
import type { NodePool } from "../fleet/model";
import { nodeLabels, nodeNames, taintText } from "../fleet/nodes";
import { authorOf } from "./authored";
import { type Demand, demandsOf } from "./demands";
import { DOMAIN_KEYS } from "./domains";
import { type Facts, ofKind, type SpreadPiece, type Wanted } from "./intent";
import { namesOf, pairsOf } from "./names";
import { tolerationsOf } from "./apply-tolerations";
import { hardTaints, tolerates } from "./tolerations";

/** What the cluster's node pools cannot give, as far as they are known. */
export function fitsFleet(facts: Facts, asked: readonly Wanted[], all: readonly Wanted[]): string[] {
  const { cluster } = facts;
  if (!cluster) return [];
  const pools = cluster.nodePools;
  const stated = new Set([...Object.values(knownLabels), ...pools.flatMap((pool) => Object.keys(nodeLabels(pool)))]);
  const demands = demandsOf(facts, all, (key) => stated.has(key));
  const missing = noPoolMeets(pools, demands, cluster.name);
  if (missing.length > 0) return missing;

  const fit = pools.filter((pool) => meets(pool, demands));
  const tolerations = tolerationsOf(facts, asked);
  const open = fit.filter(({ taints }) =>
    hardTaints(taints).every((taint) => tolerations.some((each) => tolerates(each, taint))),
  );
  if (open.length === 0 && pools.length > 0) return [closed(fit, demands, facts)];
  return ofKind(asked, "spread").flatMap((spread) => tooFew(spread, open, pools, demands, cluster.name));
}

const meets = (pool: NodePool, demands: readonly Demand[]): boolean => {
  const labels = nodeLabels(pool);
  return demands.every((demand) => demand.allows(labels));
};

/** One demand that no pool meets, or two that none meets both of, or all of them. */
function noPoolMeets(pools: readonly NodePool[], demands: readonly Demand[], cluster: string): string[] {
  const nobody = (some: readonly Demand[]): boolean => !pools.some((pool) => meets(pool, some));
  const alone = demands.filter((demand) => nobody([demand]));
  if (alone.length > 0) {
    return alone.map(
      (demand) => `${demand.by}: no node pool of cluster ${cluster} has ${demand.text}${instead(demand, pools)}`,
    );
  }
  const pairs = pairsOf(demands).filter(([a, b]) => nobody([a, b]));
  const these = pairs.length > 0 ? pairs : nobody(demands) ? [demands] : [];
  return these.map((some) => {
    const each = some.map((demand) => `${demand.text} is ${listed(pools.filter((pool) => meets(pool, [demand])))}`);
    return `${namesOf(some)}: no node pool of cluster ${cluster} has all of it: ${each.sort().join("; ")}`;
  });
}

function instead({ key, values = [] }: Demand, pools: readonly NodePool[]): string {
  if (key === undefined) return "";
  const has = pools.flatMap((pool) => nodeLabels(pool)[key] ?? []);
  return `: ${values.length === 1 ? unknown(values[0]!, has) : `got ${values.map(shown).join(", ")}, known: ${[...new Set(has)].sort().join(", ") || "none"}`}`;
}

function closed(fit: readonly NodePool[], demands: readonly Demand[], facts: Facts): string {
  const who = namesOf(demands.length > 0 ? demands : [{ by: authorOf(facts) }]);
  const taints = fit.map((pool) => `${pool.name} has ${hardTaints(pool.taints).map(taintText).join(", ")}`);
  return (
    `${who}: every node that is left in cluster ${facts.cluster!.name} has a taint that the pods do not tolerate: ` +
    `${taints.sort().join("; ")}: add Dedicated or OnNodePool, or tolerate it`
  );
}

/** A spread over domains that are not there, because of who else keeps the pods to some of them. */
function tooFew(
  spread: Wanted<SpreadPiece>,
  open: readonly NodePool[],
  pools: readonly NodePool[],
  demands: readonly Demand[],
  cluster: string,
): string[] {
  const { over, minDomains = 2 } = spread.piece;
  const count = (some: readonly NodePool[]): number =>
    new Set(some.flatMap((pool) => (over === "node" ? nodeNames(pool) : nodeLabels(pool)[DOMAIN_KEYS[over]]))).size;
  // Pods that have one node, or little to choose from, are still spread as well as can be.
  if (over === "node" && spread.piece.minDomains === undefined) return [];
  const there = count(open);
  // A soft spread over what a small cluster has one of does no harm; a team may state it for all of its clusters.
  const narrowed = count(pools) >= minDomains;
  if (there >= minDomains || (!narrowed && spread.piece.minDomains === undefined)) return [];
  const alone = demands.filter((demand) => count(pools.filter((pool) => meets(pool, [demand]))) < minDomains);
  const keepers = narrowed ? (alone.length > 0 ? alone : demands) : [];
  return [
    `${namesOf([spread, ...keepers])}: pods can run in ${there} ${over}${there === 1 ? "" : "s"} of cluster ${cluster} ` +
      `(pools ${listed(open)}), and are to be spread over ${minDomains}: leave one out, or ask for fewer`,
  ];
}

function listed(pools: readonly NodePool[]): string {
  return (
    pools
      .map(({ name }) => name)
      .sort()
      .join(", ") || "none"
  );
}
