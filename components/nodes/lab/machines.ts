import * as pulumi from "@pulumi/pulumi";

import { defaults } from "../../../fleet/defaults";
import type { ClusterSpec } from "../../../fleet/model";
import type { Problem } from "../../../fleet/problem";
import { DynamicResource } from "../../dynamic";
import type { Endpoint, MachineGroupArgs, MachineProvider, ServerGroupArgs } from "../machines";

/** An address of the lab that stays the same while machines behind it come and go. */
class LabAddress extends DynamicResource {
  declare readonly host: pulumi.Output<string>;

  constructor(name: string, opts: pulumi.CustomResourceOptions) {
    super("lab:Address", "components/nodes/lab/address-operations", name, { name, host: undefined }, opts);
  }
}

/** A group of equal machines in the lab. */
class LabMachineGroup extends DynamicResource {
  declare readonly hostnames: pulumi.Output<string[]>;

  constructor(
    name: string,
    args: MachineGroupArgs,
    address: pulumi.Input<string> | undefined,
    opts: pulumi.CustomResourceOptions,
  ) {
    const props = {
      name,
      hostname: args.hostname,
      count: args.count,
      userData: pulumi.secret(args.userData),
      address,
      machine: {
        instanceType: args.device,
        cpuCores: args.capacity.cpuCores,
        memoryMiB: args.capacity.memoryMiB,
        ephemeralGiB: args.capacity.diskGiB,
      },
      userDataHash: undefined,
      hostnames: undefined,
    };
    super("lab:MachineGroup", "components/nodes/lab/group-operations", name, props, opts);
  }
}

/** Machines of the embedded lab, which must be running. */
export class LabMachines implements MachineProvider {
  validate({ servers, kubernetesVersion }: ClusterSpec): readonly Problem[] {
    const minor = (version: string): string => version.split(".").slice(0, 2).join(".");
    const ours = defaults.cluster.kubernetesVersion;
    return [
      ...(servers > 1 ? [{ path: "servers", message: `got ${servers}, the lab runs 1 server a cluster` }] : []),
      ...(minor(kubernetesVersion) === minor(ours)
        ? []
        : [
            {
              path: "kubernetesVersion",
              message: `got ${kubernetesVersion}, the lab runs ${minor(ours)} and no other`,
            },
          ]),
    ];
  }

  endpoint(name: string, opts: pulumi.CustomResourceOptions): Endpoint {
    const address = new LabAddress(name, opts);
    return { host: address.host, port: 6443, resource: address };
  }

  servers(name: string, args: ServerGroupArgs, opts: pulumi.CustomResourceOptions): pulumi.CustomResource {
    return new LabMachineGroup(name, args, (args.endpoint.resource as LabAddress).id, opts);
  }

  agents(name: string, args: MachineGroupArgs, opts: pulumi.CustomResourceOptions): pulumi.CustomResource {
    return new LabMachineGroup(name, args, undefined, opts);
  }
}
