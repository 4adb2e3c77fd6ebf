import { describeAllowed, describeUnknown, formatValue } from "../../fleet/problem";
import { labels as ours } from "../../fleet/labels";
import type { ClusterSpec, NodePoolSpec } from "../../fleet/model";
import { nodeLabels, nodeNames, taintText } from "../../fleet/nodes";
import { nameAuthor } from "../model/authored";
import { type Demand, demandsOf } from "../model/demands";
import { DOMAIN_KEYS } from "../model/domains";
import {
  type PlacementContext,
  selectKind,
  type SpreadConstraint,
  type RequestedConstraint,
} from "../model/constraint";
import { namesOf, pairsOf } from "../model/names";
import { apartFromSelf } from "../model/apart-from-self";
import { tolerationsOf } from "../render/tolerations";
import { hardTaints, tolerates } from "../model/tolerations";

/** A pool, with the labels of its nodes. */
interface Known {
  readonly pool: NodePoolSpec;
  readonly labels: Readonly<Record<string, string>>;
}

const known = new WeakMap<ClusterSpec, { readonly pools: readonly Known[]; readonly stated: ReadonlySet<string> }>();

/** The pools of a cluster, and the labels that are known of each node. Worked out once: a cluster does not change. */
function knownOf(cluster: ClusterSpec): { readonly pools: readonly Known[]; readonly stated: ReadonlySet<string> } {
  const before = known.get(cluster);
  if (before) return before;
  const pools = cluster.nodePools.map((pool) => ({ pool, labels: nodeLabels(pool) }));
  const keys = [...Object.values(ours), ...pools.flatMap(({ labels }) => Object.keys(labels))];
  const now = { pools, stated: new Set(keys) };
  known.set(cluster, now);
  return now;
}

/** Most pools that a message lists. */
const SHOWN = 6;

/** What the cluster's node pools cannot give, as far as they are known. */
export function checkAgainstFleet(
  context: PlacementContext,
  asked: readonly RequestedConstraint[],
  all: readonly RequestedConstraint[],
): string[] {
  if (!context.scope) return [];
  const { cluster } = context.scope;
  const { pools, stated } = knownOf(cluster);
  const demands = demandsOf(context, all, (key) => stated.has(key));
  const missing = noPoolMeets(pools, demands, cluster.name);
  if (missing.length > 0) return missing;

  const fit = pools.filter((pool) => meets(pool, demands));
  const tolerations = tolerationsOf(context, asked);
  const open = fit.filter(({ pool: { taints } }) =>
    hardTaints(taints).every((taint) => tolerations.some((each) => tolerates(each, taint))),
  );
  if (open.length === 0 && pools.length > 0) return [closed(fit, demands, nameAuthor(context), cluster.name)];
  return [...selectKind(asked, "spread"), ...apartFromSelf(context, all)].flatMap((spread) =>
    tooFew(spread, open, pools, demands, cluster.name),
  );
}

const meets = ({ labels }: Known, demands: readonly Demand[]): boolean =>
  demands.every((demand) => demand.allows(labels));

/** One demand that no pool meets, or two that none meets both of, or all of them. */
function noPoolMeets(pools: readonly Known[], demands: readonly Demand[], cluster: string): string[] {
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

function instead({ key, values = [] }: Demand, pools: readonly Known[]): string {
  if (key === undefined) return "";
  const has = pools.flatMap((pool) => pool.labels[key] ?? []);
  return `: ${values.length === 1 ? describeUnknown(key, values[0]!, has) : `got ${values.map(formatValue).join(", ")}, ${describeAllowed([...new Set(has)].sort())}`}`;
}

function closed(fit: readonly Known[], demands: readonly Demand[], author: string, cluster: string): string {
  const who = namesOf(demands.length > 0 ? demands : [{ by: author }]);
  const taints = fit.map(({ pool }) => `${pool.name} has ${hardTaints(pool.taints).map(taintText).join(", ")}`).sort();
  const more = taints.length > SHOWN ? `; and ${taints.length - SHOWN} more` : "";
  return (
    `${who}: every node that is left in cluster ${cluster} has a taint that the pods do not tolerate: ` +
    `${taints.slice(0, SHOWN).join("; ")}${more}: add Dedicated or OnNodePool, or tolerate it`
  );
}

/** A spread over domains that are not there, or that somebody else keeps the pods out of. */
function tooFew(
  spread: RequestedConstraint<SpreadConstraint>,
  open: readonly Known[],
  pools: readonly Known[],
  demands: readonly Demand[],
  cluster: string,
): string[] {
  const { over, minDomains, whenUnsatisfiable } = spread.constraint;
  const least = minDomains ?? 2;
  const count = (some: readonly Known[]): number =>
    new Set(some.flatMap(({ pool, labels }) => (over === "node" ? nodeNames(pool) : labels[DOMAIN_KEYS[over]]))).size;
  const there = count(open);
  if (there >= least) return [];
  const keepers =
    count(pools) < least
      ? []
      : demands.filter((demand) => count(pools.filter((pool) => meets(pool, [demand]))) < least);
  // A wish for zones or nodes is met as well as can be; over regions it is no wish where somebody keeps it to one.
  const meant = over === "region" || (over === "zone" && whenUnsatisfiable === "DoNotSchedule");
  if (minDomains === undefined && !(meant && keepers.length > 0)) return [];
  return [
    `${namesOf([spread, ...keepers])}: pods can run in ${there} ${over}${there === 1 ? "" : "s"} of cluster ${cluster} ` +
      `(pools ${listed(open)}), and are to be spread over ${least}: leave one out, or ask for fewer`,
  ];
}

function listed(pools: readonly Known[]): string {
  const names = pools.map(({ pool }) => pool.name).sort();
  const more = names.length > SHOWN ? `, and ${names.length - SHOWN} more` : "";
  return names.length === 0 ? "none" : `${names.slice(0, SHOWN).join(", ")}${more}`;
}
