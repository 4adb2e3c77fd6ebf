import { k3sVersionOf } from "../k3s/version";
import type { ClusterSpec, DrainSettings, Fleet, MaintenanceWindow, NodePoolSpec, UpgradePolicy } from "../model";
import { nodeNames, serverNames } from "../nodes";

/** Nodes of a cluster that one plan upgrades: its servers, or the agents of some pools. */
export interface PlannedWave {
  /** Name of the plan, unique in the cluster. */
  readonly plan: string;
  /** Names of the pools. Empty for the servers. */
  readonly pools: readonly string[];
  /** Names of the nodes that the fleet states, sorted. */
  readonly nodes: readonly string[];
  /** Nodes that are upgraded at once. */
  readonly concurrency: number;
}

/** How one cluster is upgraded. */
export interface PlannedUpgrade {
  readonly cluster: string;
  /** K3s version that the cluster states. */
  readonly version: string;
  readonly canary: boolean;
  readonly window?: MaintenanceWindow;
  readonly drain: DrainSettings;
  /** In order. Each starts when all nodes of the previous one run the version and are Ready. */
  readonly waves: readonly PlannedWave[];
}

/** Clusters that are upgraded at the same time. */
export type UpgradeStage = readonly PlannedUpgrade[];

/** The plan of the servers. */
export const SERVERS_PLAN = "k3s-servers";

/** Number of times that a wave drains nodes. */
export const batchesOf = ({ nodes, concurrency }: Pick<PlannedWave, "nodes" | "concurrency">): number =>
  Math.ceil(nodes.length / concurrency);

function isCanary({ canary }: UpgradePolicy, { name, nodePools }: ClusterSpec): boolean {
  return canary.clusters.includes(name) || nodePools.some(({ region }) => canary.regions.includes(region));
}

/** Returns the pools of each wave of agents, in order. */
function agentWaves(policy: UpgradePolicy, cluster: ClusterSpec): { pools: readonly string[]; concurrency: number }[] {
  const concurrency = cluster.upgrades?.concurrency ?? policy.concurrency;
  const stated = cluster.upgrades?.waves ?? [];
  const named = new Set(stated.flatMap(({ pools }) => pools));
  const inCanaryRegion = ({ region }: NodePoolSpec): boolean => policy.canary.regions.includes(region);
  const rest = cluster.nodePools.filter(({ name }) => !named.has(name));
  const ordered = [...rest.filter(inCanaryRegion), ...rest.filter((pool) => !inCanaryRegion(pool))];
  return [
    ...stated.map((wave) => ({ pools: wave.pools, concurrency: wave.concurrency ?? concurrency })),
    ...ordered.map(({ name }) => ({ pools: [name], concurrency })),
  ];
}

function plannedUpgrade(policy: UpgradePolicy, cluster: ClusterSpec): PlannedUpgrade {
  const window = cluster.upgrades?.window ?? policy.window;
  const nodesOf = (pools: readonly string[]): string[] =>
    cluster.nodePools.filter(({ name }) => pools.includes(name)).flatMap(nodeNames);
  return {
    cluster: cluster.name,
    version: k3sVersionOf(cluster),
    canary: isCanary(policy, cluster),
    ...(window && { window }),
    drain: cluster.upgrades?.drain ?? policy.drain,
    waves: [
      // etcd keeps its quorum only if one server at a time is down.
      { plan: SERVERS_PLAN, pools: [], nodes: serverNames(cluster), concurrency: 1 },
      ...agentWaves(policy, cluster).map(({ pools, concurrency }, index) => ({
        plan: `k3s-wave-${index + 1}`,
        pools,
        nodes: nodesOf(pools).sort(),
        concurrency,
      })),
    ],
  };
}

/**
 * Returns the order in which the clusters of a fleet are upgraded: each canary cluster in a stage of its own, first those that
 * the fleet names, then those with nodes in canary regions; then the other clusters, `parallelClusters` at a time.
 *
 * @returns no stages for a fleet without upgrades
 */
export function upgradeOrder({ upgrades: policy, clusters }: Pick<Fleet, "upgrades" | "clusters">): UpgradeStage[] {
  if (!policy) return [];
  const position = ({ name }: ClusterSpec): number => {
    const index = policy.canary.clusters.indexOf(name);
    return index === -1 ? policy.canary.clusters.length : index;
  };
  const canaries = clusters.filter((cluster) => isCanary(policy, cluster)).sort((a, b) => position(a) - position(b));
  const others = clusters.filter((cluster) => !isCanary(policy, cluster));
  const stages: UpgradeStage[] = canaries.map((cluster) => [plannedUpgrade(policy, cluster)]);
  for (let first = 0; first < others.length; first += policy.parallelClusters) {
    const together = others.slice(first, first + policy.parallelClusters);
    stages.push(together.map((cluster) => plannedUpgrade(policy, cluster)));
  }
  return stages;
}
