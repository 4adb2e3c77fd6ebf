import * as pulumi from "@pulumi/pulumi";

import { KUBERNETES_VERSION } from "../../../fleet/kubernetes/version";
import type { ClusterSpec } from "../../../fleet/model";
import type { Problem } from "../../../fleet/problem";
import { DynamicResource } from "../../dynamic";
import type { Endpoint, MachineGroupArgs, MachineProvider } from "../machines";

/** A reserved address of the lab. It stays the same when the machines behind it are replaced. */
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

/** A reserved address of the lab and the servers behind it. */
class LabEndpoint implements Endpoint {
  readonly port = 6443;
  private readonly address: LabAddress;

  constructor(name: string, opts: pulumi.CustomResourceOptions) {
    this.address = new LabAddress(name, opts);
  }

  get host(): pulumi.Output<string> {
    return this.address.host;
  }

  servers(name: string, args: MachineGroupArgs, opts: pulumi.CustomResourceOptions): pulumi.CustomResource {
    return new LabMachineGroup(name, args, this.address.id, opts);
  }
}

/** Provides machines of the embedded lab, which must be running. */
export class LabMachines implements MachineProvider {
  validate({ servers, kubernetesVersion }: ClusterSpec): readonly Problem[] {
    const minorOf = (version: string): string => version.split(".").slice(0, 2).join(".");
    const supported = minorOf(KUBERNETES_VERSION);
    return [
      ...(servers > 1
        ? [{ path: "servers", message: `got ${servers}, must be 1: the lab runs one server per cluster` }]
        : []),
      ...(minorOf(kubernetesVersion) === supported
        ? []
        : [
            {
              path: "kubernetesVersion",
              message: `got ${kubernetesVersion}, must be ${supported}: the lab runs no other version`,
            },
          ]),
    ];
  }

  endpoint(name: string, opts: pulumi.CustomResourceOptions): Endpoint {
    return new LabEndpoint(name, opts);
  }

  agents(name: string, args: MachineGroupArgs, opts: pulumi.CustomResourceOptions): pulumi.CustomResource {
    return new LabMachineGroup(name, args, undefined, opts);
  }
}
