import * as pulumi from "@pulumi/pulumi";

import type { K3sInstallation } from "../../fleet/k3s/release";
import type { KubeObject } from "../../fleet/kubernetes/object";
import type * as fleet from "../../fleet/model";
import * as order from "../../fleet/upgrades/order";
import { separateDependencies } from "../dependencies";
import type { ConnectedCluster } from "./connected-cluster";
import { UpgradePreflight } from "./upgrade-preflight";
import { UpgradeWave } from "./upgrade-wave";

/** A cluster that {@link upgradeFleet} upgrades. */
export interface UpgradeTarget {
  readonly cluster: ConnectedCluster;
  /** The plans that `renderFleet` returned for the cluster. */
  readonly plans: readonly KubeObject[];
  /** Token with which K3s takes a snapshot. Secret. @default - a recent snapshot must exist */
  readonly serverToken?: pulumi.Input<string>;
  /** The release of K3s that new agents install. @default - the image of the machines contains K3s */
  readonly agentRelease?: pulumi.Output<K3sInstallation>;
  /** Delivers the system-upgrade-controller. */
  readonly delivery: pulumi.Resource;
}

/** Arguments of {@link ClusterUpgrade}. */
export interface ClusterUpgradeArgs extends Omit<UpgradeTarget, "delivery"> {
  readonly spec: fleet.ClusterSpec;
  readonly policy: fleet.UpgradePolicy;
  readonly upgrade: order.PlannedUpgrade;
}

/** Seconds in addition to those that the steps of one node may take. */
const STALL_MARGIN_SECONDS = 300;

/** Upgrades one cluster: the check and the snapshot, the servers, and then one wave of agents after another. */
export class ClusterUpgrade extends pulumi.ComponentResource {
  /** The last wave. It exists when the cluster is upgraded. */
  readonly last: pulumi.Resource;

  constructor(name: string, args: ClusterUpgradeArgs, opts: pulumi.ComponentResourceOptions = {}) {
    const { own, dependencies } = separateDependencies(opts);
    super("skerry:clusters:ClusterUpgrade", name, {}, own);
    const { cluster, plans, serverToken, agentRelease, spec, policy, upgrade } = args;
    const { kubeconfig, lifetime } = cluster;
    const preflight = new UpgradePreflight(
      `${name}-preflight`,
      {
        cluster: spec.name,
        kubeconfig,
        version: upgrade.version,
        ...(serverToken !== undefined && { serverToken }),
        ...(spec.backup && { backup: spec.backup }),
      },
      { parent: this, ...dependencies },
    );
    let last: pulumi.Resource = preflight;
    for (const [index, wave] of upgrade.waves.entries()) {
      const { nodeTimeoutSeconds, readyTimeoutSeconds, delaySeconds } = policy;
      const goal = {
        plan: wave.plan,
        version: upgrade.version,
        concurrency: wave.concurrency,
        servers: wave.plan === order.SERVERS_PLAN,
        ...(upgrade.window && { window: upgrade.window }),
        readyTimeoutSeconds,
        stallTimeoutSeconds: nodeTimeoutSeconds + readyTimeoutSeconds + delaySeconds + STALL_MARGIN_SECONDS,
      };
      last = new UpgradeWave(
        `${name}-${wave.plan}`,
        {
          ...{ kubeconfig, goal, pools: wave.pools, plan: plans[index]! },
          ...(agentRelease && !goal.servers && { agentVersion: agentRelease.version }),
        },
        { parent: this, dependsOn: [last], ...(lifetime && { deletedWith: lifetime }) },
      );
    }
    this.last = last;
    this.registerOutputs({});
  }
}

/**
 * Upgrades the clusters of a fleet in the order of its policy. A stage starts when all clusters of the previous one are
 * upgraded, and does not start if one of them fails.
 *
 * @param spec the fleet
 * @param targets clusters by name. A cluster without a target is not upgraded, and does not hold up the others
 */
export function upgradeFleet(
  spec: Pick<fleet.Fleet, "upgrades" | "clusters">,
  targets: ReadonlyMap<string, UpgradeTarget>,
  opts: Pick<pulumi.ComponentResourceOptions, "parent"> = {},
): ClusterUpgrade[] {
  const { upgrades: policy, clusters } = spec;
  if (!policy) return [];
  const all: ClusterUpgrade[] = [];
  let previous: pulumi.Resource[] = [];
  for (const stage of order.upgradeOrder(spec)) {
    const upgraded = stage.flatMap((upgrade) => {
      const target = targets.get(upgrade.cluster);
      const cluster = clusters.find(({ name }) => name === upgrade.cluster);
      if (!target || !cluster) return [];
      const { delivery, ...args } = target;
      return new ClusterUpgrade(
        `${cluster.name}-upgrade`,
        { ...args, spec: cluster, policy, upgrade },
        { ...opts, dependsOn: [delivery, ...previous] },
      );
    });
    all.push(...upgraded);
    if (upgraded.length > 0) previous = upgraded.map(({ last }) => last);
  }
  return all;
}
