import * as pulumi from "@pulumi/pulumi";

import { KUBERNETES_VERSION } from "../../../fleet/kubernetes/version";
import type { Capacity, ClusterSpec } from "../../../fleet/model";
import type { Problem } from "../../../fleet/problem";
import { DynamicResource } from "../../dynamic";
import {
  type AgentMachinesArgs,
  type ClusterMachines,
  type MachineProvider,
  refuseExistingCluster,
  type ServerMachineArgs,
} from "../machines";

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

  constructor(name: string, group: LabGroupArgs, opts: pulumi.CustomResourceOptions) {
    const { hostname, count, device, capacity, userData, address } = group;
    const props = {
      name,
      hostname,
      count,
      userData: pulumi.secret(userData),
      address,
      machine: {
        instanceType: device,
        cpuCores: capacity.cpuCores,
        memoryMiB: capacity.memoryMiB,
        ephemeralGiB: capacity.diskGiB,
      },
      userDataHash: undefined,
      hostnames: undefined,
    };
    super("lab:MachineGroup", "components/nodes/lab/group-operations", name, props, opts);
  }
}

interface LabGroupArgs {
  readonly hostname: string;
  readonly count: number;
  readonly device: string;
  readonly capacity: Capacity;
  readonly userData: pulumi.Input<string>;
  readonly address?: pulumi.Input<string>;
}

/** A reserved address of the lab, and the machines of its cluster. */
class LabCluster implements ClusterMachines {
  readonly port = 6443;
  readonly lifetime: LabAddress;

  constructor(name: string, opts: pulumi.CustomResourceOptions) {
    this.lifetime = new LabAddress(name, opts);
  }

  get host(): pulumi.Output<string> {
    return this.lifetime.host;
  }

  server(name: string, args: ServerMachineArgs, opts: pulumi.CustomResourceOptions): pulumi.CustomResource {
    const { device, capacity, userData } = args;
    // The lab appends the number of the machine.
    const hostname = args.hostname.replace(/-\d+$/, "");
    return new LabMachineGroup(
      name,
      { hostname, count: 1, device, capacity, userData, address: this.lifetime.id },
      opts,
    );
  }

  agents(name: string, { pool, userData }: AgentMachinesArgs, opts: pulumi.CustomResourceOptions): pulumi.Resource {
    const { name: hostname, count, device, capacity } = pool;
    return new LabMachineGroup(name, { hostname, count, device, capacity, userData }, opts);
  }
}

/** Provides machines of the embedded lab, which must be running. */
export class LabMachines implements MachineProvider {
  validate(cluster: ClusterSpec): readonly Problem[] {
    const { servers, kubernetesVersion } = cluster;
    const minorOf = (version: string): string => version.split(".").slice(0, 2).join(".");
    const supported = minorOf(KUBERNETES_VERSION);
    return [
      ...refuseExistingCluster(cluster),
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

  prepare(name: string, _cluster: ClusterSpec, opts: pulumi.CustomResourceOptions): ClusterMachines {
    return new LabCluster(name, opts);
  }
}
