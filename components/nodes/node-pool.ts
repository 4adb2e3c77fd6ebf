import * as pulumi from "@pulumi/pulumi";

import { agentUserData } from "../../fleet/k3s/userdata";
import type * as fleet from "../../fleet/model";
import type { ClusterMachines } from "./machines";

/** Arguments of {@link NodePool}. */
export interface NodePoolArgs {
  /** The cluster that the nodes join. */
  readonly cluster: Pick<fleet.ClusterSpec, "hardening">;
  /** The pool as the fleet describes it. */
  readonly pool: fleet.NodePoolSpec;
  /** Provides the machines of its cluster. */
  readonly machines: ClusterMachines;
  /** Token with which agents join. Secret. */
  readonly token: pulumi.Input<string>;
}

/** Creates K3s agents of one region and device type, with user data that makes them join their cluster. */
export class NodePool extends pulumi.ComponentResource {
  /** The machines. */
  readonly machines: pulumi.Resource;

  constructor(name: string, args: NodePoolArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("skerry:nodes:NodePool", name, {}, opts);
    const { cluster, pool, machines, token } = args;
    const userData = pulumi
      .all([machines.host, token])
      .apply(([host, secret]) =>
        agentUserData(cluster, pool, { server: `https://${host}:${machines.port}`, token: secret }),
      );
    this.machines = machines.agents(name, { pool, userData }, { parent: this });
    this.registerOutputs({});
  }
}
