import type { Fleet } from "../../fleet/model";
import { checkUpgrade, type ClusterVersions } from "../../fleet/upgrades/check-upgrade";
import {
  batchesOf,
  SERVERS_PLAN,
  type PlannedUpgrade,
  upgradeOrder,
  type PlannedWave,
} from "../../fleet/upgrades/order";
import { describeWindow } from "../../fleet/upgrades/window";

/** What runs in a cluster, or why it is unknown. */
export type LiveVersions = ClusterVersions | { readonly problem: string };

/** One cluster in the order of upgrades, with what runs. */
export interface PlannedCluster extends PlannedUpgrade {
  /** Position of its stage, from 1. */
  readonly stage: number;
  /** Versions that run, oldest first. Empty if unknown. */
  readonly running: readonly string[];
  /** Why the upgrade is refused, or what runs is unknown. */
  readonly problems: readonly string[];
}

/** Returns the clusters of a fleet in the order in which they are upgraded, each with its check. */
export function planUpgrades(fleet: Fleet, live: ReadonlyMap<string, LiveVersions>): PlannedCluster[] {
  return upgradeOrder(fleet).flatMap((stage, index) =>
    stage.map((upgrade): PlannedCluster => {
      const versions = live.get(upgrade.cluster) ?? { problem: "no kubeconfig: run skerry kubeconfig" };
      const known = "problem" in versions ? undefined : versions;
      return {
        ...upgrade,
        stage: index + 1,
        running: known ? [...new Set([...known.servers, ...known.agents].map(({ version }) => version))].sort() : [],
        problems: known
          ? checkUpgrade(known, upgrade.version)
          : [`unknown: ${(versions as { problem: string }).problem}`],
      };
    }),
  );
}

/** Whether an upgrade in the plan would be refused. */
export const isRefused = ({ running, problems }: PlannedCluster): boolean => running.length > 0 && problems.length > 0;

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;

function describeWave(wave: PlannedWave): string {
  const nodes = wave.plan === SERVERS_PLAN ? ["server", "servers"] : ["node", "nodes"];
  const total = count(wave.nodes.length, nodes[0]!, nodes[1]!);
  const batches = count(batchesOf(wave), "batch", "batches");
  return `${wave.plan === SERVERS_PLAN ? "servers" : wave.pools.join(", ")}: ${total}, ${wave.concurrency} at once, ${batches}`;
}

function describeCluster(planned: PlannedCluster): string[] {
  const { cluster, canary, version, running, window, waves, problems } = planned;
  const isDone = running.length === 1 && running[0] === version;
  const from = running.length === 0 ? "" : `${running.join(", ")} → `;
  const change = isDone ? `${version}, nothing to do` : `${from}${version}`;
  return [
    `  ${cluster}${canary ? " (canary)" : ""}: ${change}${window ? `, window ${describeWindow(window)}` : ""}`,
    ...(isDone ? [] : waves.map((wave, index) => `    ${index + 1}. ${describeWave(wave)}`)),
    ...problems.map((problem) => `    ${isRefused(planned) ? "refused: " : ""}${problem}`),
  ];
}

/** Formats the order of the upgrades. */
export function renderUpgradePlan(planned: readonly PlannedCluster[]): string {
  if (planned.length === 0) return "  Skerry upgrades no cluster of this fleet: it has no upgrades (docs/upgrades.md)";
  const stages = [...new Set(planned.map(({ stage }) => stage))];
  return stages
    .flatMap((stage) => {
      const members = planned.filter((each) => each.stage === stage);
      const condition = stage === 1 ? "" : `, when stage ${stage - 1} is complete and Ready`;
      return [`stage ${stage}${condition}`, ...members.flatMap(describeCluster)];
    })
    .join("\n");
}
