import type * as pulumi from "@pulumi/pulumi";

import type { KubeObject } from "../../fleet/kubernetes/object";
import type { SkippedNode, WaveGoal } from "../../fleet/upgrades/decide-wave";
import { DynamicResource } from "../dynamic";

/** Arguments of {@link UpgradeWave}. */
export interface UpgradeWaveArgs {
  /** Kubeconfig of an administrator. Secret. */
  readonly kubeconfig: pulumi.Input<string>;
  readonly goal: WaveGoal;
  /** Names of the pools. Empty for servers. */
  readonly pools: readonly string[];
  readonly plan: KubeObject;
  /**
   * Version of K3s that new agents install. A change runs the wave again, for the agents that joined with the old one.
   *
   * @default - the image of the machines contains K3s
   */
  readonly agentVersion?: pulumi.Input<string>;
}

/**
 * One wave of an upgrade. It exists when all nodes of the wave run the version and are Ready, except those that were not
 * Ready or cordoned before. It fails when the wave stops.
 */
export class UpgradeWave extends DynamicResource {
  /** Nodes that run another version. */
  declare readonly skipped: pulumi.Output<readonly SkippedNode[]>;

  constructor(name: string, args: UpgradeWaveArgs, opts: pulumi.CustomResourceOptions) {
    super(
      "clusters:UpgradeWave",
      "components/clusters/upgrade-wave-operations",
      name,
      { ...args, skipped: undefined },
      { ...opts, additionalSecretOutputs: ["kubeconfig"] },
    );
  }
}
