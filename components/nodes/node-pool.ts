import * as pulumi from "@pulumi/pulumi";

import { agentUserData } from "../../fleet/k3s/userdata";
import type * as fleet from "../../fleet/model";
import { separateDependencies } from "../dependencies";
import type { ClusterMachines } from "./machines";

/** Arguments of {@link NodePool}. */
export interface NodePoolArgs {
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
    const { own, dependencies } = separateDependencies(opts);
    super("skerry:nodes:NodePool", name, {}, own);
    const { pool, machines, token } = args;
    const userData = pulumi
      .all([machines.host, token])
      .apply(([host, secret]) => agentUserData(pool, { server: `https://${host}:${machines.port}`, token: secret }));
    this.machines = machines.agents(name, { pool, userData }, { parent: this, ...dependencies });
    this.registerOutputs({});
  }
}
