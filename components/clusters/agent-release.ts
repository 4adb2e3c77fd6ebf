import type * as pulumi from "@pulumi/pulumi";

import type { K3sInstallation } from "../../fleet/k3s/release";
import { DynamicResource } from "../dynamic";

/** Arguments of {@link AgentRelease}. */
export interface AgentReleaseArgs {
  /** Kubeconfig of an administrator. Secret. */
  readonly kubeconfig: pulumi.Input<string>;
  /** The release that the cluster states. */
  readonly release: K3sInstallation;
}

/**
 * The release of K3s that new agents of a cluster install: the stated one when all servers run it, and the previous one until
 * then. An agent must never be newer than its servers, and an autoscaler may add one at any time during their upgrade.
 */
export class AgentRelease extends DynamicResource {
  /** The release that new agents install. */
  declare readonly installed: pulumi.Output<K3sInstallation>;

  constructor(name: string, args: AgentReleaseArgs, opts: pulumi.CustomResourceOptions) {
    super(
      "clusters:AgentRelease",
      "components/clusters/agent-release-operations",
      name,
      { ...args, installed: undefined },
      { ...opts, additionalSecretOutputs: ["kubeconfig"] },
    );
  }
}
