import * as pulumi from "@pulumi/pulumi";

import type { K3sInstallation } from "../../fleet/k3s/release";
import { agentTokenParameter } from "../../fleet/k3s/parameters";
import { agentUserData } from "../../fleet/k3s/userdata";
import type * as fleet from "../../fleet/model";
import { JoinToken } from "../clusters/join-token";
import { separateDependencies } from "../dependencies";
import type { ClusterMachines } from "./machines";

/** Arguments of {@link NodePool}. */
export interface NodePoolArgs {
  /** The cluster that the nodes join. */
  readonly cluster: Pick<fleet.ClusterSpec, "name" | "kubernetesVersion" | "k3s" | "hardening">;
  /** The pool as the fleet describes it. */
  readonly pool: fleet.NodePoolSpec;
  /** Provides the machines of its cluster, and stores their secrets. */
  readonly machines: ClusterMachines;
  /** The certificate authority that servers present, PEM. */
  readonly authority: pulumi.Input<string>;
  /** The release of K3s that the nodes install at their first boot. @default - that of the cluster */
  readonly release?: pulumi.Input<K3sInstallation>;
  /** Kubeconfig of an administrator, with which a pool with a `joinToken` creates its token. Secret. */
  readonly kubeconfig: pulumi.Input<string>;
}

/** Creates K3s agents of one region and device type, with user data that makes them join their cluster. */
export class NodePool extends pulumi.ComponentResource {
  /** The machines. */
  readonly machines: pulumi.Resource;

  constructor(name: string, args: NodePoolArgs, opts: pulumi.ComponentResourceOptions = {}) {
    const { own, dependencies } = separateDependencies(opts);
    super("skerry:nodes:NodePool", name, {}, own);
    const { cluster, pool, machines, authority, kubeconfig, release } = args;
    const parent = { parent: this };
    const { joinToken } = pool;
    let agentsNeed = dependencies;
    if (joinToken) {
      const token = new JoinToken(
        `${name}-join-token`,
        { cluster: cluster.name, pool: { ...pool, joinToken }, authority, kubeconfig },
        { ...parent, ...dependencies, deletedWith: machines.lifetime },
      );
      const stored = machines.store(`${name}-parameters`, { [agentTokenParameter(pool)]: token.token }, parent);
      agentsNeed = pulumi.mergeOptions(dependencies, { dependsOn: stored });
    }
    const { port, parameters } = machines;
    const node = machines.identify?.(pool);
    const userData = pulumi
      .all([machines.host, release])
      .apply(([host, installed]) =>
        agentUserData({ ...cluster, ...(installed && { k3s: installed }) }, pool, { host, port, parameters, node }),
      );
    this.machines = machines.agents(name, { pool, userData }, { ...parent, ...agentsNeed });
    this.registerOutputs({});
  }
}
