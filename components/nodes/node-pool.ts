import * as pulumi from "@pulumi/pulumi";

import { agentUserData } from "../../fleet/k3s/userdata";
import type * as fleet from "../../fleet/model";
import type { MachineProvider } from "./machines";

/** Arguments of {@link NodePool}. */
export interface NodePoolArgs {
  /** The pool as the fleet describes it. */
  readonly pool: fleet.NodePoolSpec;
  /** Provides its machines. */
  readonly machines: MachineProvider;
  /** Address of the cluster, and the token for agents. */
  readonly join: {
    readonly host: pulumi.Input<string>;
    readonly port: number;
    readonly token: pulumi.Input<string>;
  };
}

/** Creates K3s agents of one region and device type, with user data that makes them join their cluster. */
export class NodePool extends pulumi.ComponentResource {
  /** The group of machines. */
  readonly machines: pulumi.CustomResource;

  constructor(name: string, args: NodePoolArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("skerry:nodes:NodePool", name, {}, opts);
    const { pool, join } = args;
    const userData = pulumi
      .all([join.host, join.token])
      .apply(([host, token]) => agentUserData(pool, { server: `https://${host}:${join.port}`, token }));
    this.machines = args.machines.agents(
      name,
      { hostname: pool.name, count: pool.count, device: pool.device, capacity: pool.capacity, userData },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
