import * as pulumi from "@pulumi/pulumi";

import { agentUserData } from "../../fleet/k3s/userdata";
import type * as fleet from "../../fleet/model";
import type { MachineProvider } from "./machines";

/** What a pool is made of, and the cluster that it joins. */
export interface NodePoolArgs {
  readonly pool: fleet.NodePoolSpec;
  readonly machines: MachineProvider;
  /** The cluster that its machines join, and the token that lets agents in. */
  readonly join: {
    readonly host: pulumi.Input<string>;
    readonly port: number;
    readonly token: pulumi.Input<string>;
  };
}

/** Agents of one region and device type, born with the user data that makes them join their cluster. */
export class NodePool extends pulumi.ComponentResource {
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
