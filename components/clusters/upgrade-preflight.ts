import type * as pulumi from "@pulumi/pulumi";

import type { Backup } from "../../fleet/model";
import { DynamicResource } from "../dynamic";

/** Arguments of {@link UpgradePreflight}. */
export interface UpgradePreflightArgs {
  readonly cluster: string;
  /** Kubeconfig of an administrator. Secret. */
  readonly kubeconfig: pulumi.Input<string>;
  /** K3s version to change to. */
  readonly version: string;
  /** Token with which K3s takes a snapshot. Secret. @default - a recent snapshot must exist */
  readonly serverToken?: pulumi.Input<string>;
  /** @default - the snapshot stays on the disk of a server */
  readonly backup?: Backup;
}

/**
 * The check and the snapshot before an upgrade. A refused version also fails `pulumi preview`. If no node runs another version,
 * no snapshot is taken.
 */
export class UpgradePreflight extends DynamicResource {
  /** Name of the snapshot from before the upgrade. */
  declare readonly snapshot: pulumi.Output<string>;

  constructor(name: string, args: UpgradePreflightArgs, opts: pulumi.CustomResourceOptions) {
    super(
      "clusters:UpgradePreflight",
      "components/clusters/upgrade-preflight-operations",
      name,
      { ...args, snapshot: undefined },
      { ...opts, additionalSecretOutputs: ["kubeconfig", "serverToken"] },
    );
  }
}
