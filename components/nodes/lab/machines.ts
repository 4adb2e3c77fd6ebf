import * as pulumi from "@pulumi/pulumi";

import { type ParameterLocation, RESTORE, RESTORE_CLAIMS } from "../../../fleet/k3s/parameters";
import type { RestoreOrder } from "../../../fleet/k3s/server-start";
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
import type { LabHardware } from "./client";

/** A reserved address of the lab. It stays the same when the machines behind it are replaced. */
class LabAddress extends DynamicResource {
  declare readonly host: pulumi.Output<string>;

  constructor(name: string, opts: pulumi.CustomResourceOptions) {
    super("lab:Address", "components/nodes/lab/address-operations", name, { name, host: undefined }, opts);
  }
}

const hardwareOf = (device: string, capacity: Capacity): LabHardware => ({
  instanceType: device,
  cpuCores: capacity.cpuCores,
  memoryMiB: capacity.memoryMiB,
  ephemeralGiB: capacity.diskGiB,
});

/** A server in the lab. */
class LabServer extends DynamicResource {
  constructor(
    name: string,
    { hostname, device, capacity, userData, generation, credentialsRevision }: ServerMachineArgs,
    address: pulumi.Input<string>,
    opts: pulumi.CustomResourceOptions,
  ) {
    const machine = hardwareOf(device, capacity);
    const props = { name, hostname, address, machine, generation, userData, credentialsRevision };
    super("lab:Server", "components/nodes/lab/server-operations", name, props, opts);
  }
}

/** A group of equal agents in the lab. */
class LabMachineGroup extends DynamicResource {
  declare readonly hostnames: pulumi.Output<string[]>;

  constructor(name: string, { pool, userData }: AgentMachinesArgs, opts: pulumi.CustomResourceOptions) {
    const machine = hardwareOf(pool.device, pool.capacity);
    const { name: hostname, count, generation } = pool;
    const props = { name, hostname, count, generation, userData, machine, hostnames: undefined };
    super("lab:MachineGroup", "components/nodes/lab/group-operations", name, props, opts);
  }
}

/** All parameters of a cluster in the lab, including those that machines write. */
class LabParameterFolder extends DynamicResource {
  constructor(name: string, prefix: string, opts: pulumi.CustomResourceOptions) {
    super("lab:ParameterFolder", "components/nodes/lab/parameter-folder-operations", name, { prefix }, opts);
  }
}

/** Secrets in the parameter store of the lab. */
class LabParameters extends DynamicResource {
  constructor(
    name: string,
    prefix: string,
    values: Readonly<Record<string, pulumi.Input<string>>>,
    opts: pulumi.CustomResourceOptions,
  ) {
    super(
      "lab:Parameters",
      "components/nodes/lab/parameters-operations",
      name,
      { prefix, values: pulumi.secret(values), hashes: undefined },
      opts,
    );
  }
}

/** A reserved address of the lab, and the machines of its cluster. */
class LabCluster implements ClusterMachines {
  readonly port = 6443;
  readonly lifetime: LabAddress;
  readonly parameters: ParameterLocation;
  private readonly folder: LabParameterFolder;

  constructor(name: string, cluster: ClusterSpec, opts: pulumi.CustomResourceOptions) {
    const prefix = `/skerry/${pulumi.getStack()}/${cluster.name}`;
    this.lifetime = new LabAddress(name, opts);
    this.parameters = { prefix, region: "lab" };
    this.folder = new LabParameterFolder(`${name}-parameter-folder`, prefix, opts);
  }

  store(
    name: string,
    values: Readonly<Record<string, pulumi.Input<string>>>,
    opts: pulumi.CustomResourceOptions,
  ): pulumi.Resource {
    const { prefix } = this.parameters;
    return new LabParameters(name, prefix, values, pulumi.mergeOptions(opts, { dependsOn: this.folder }));
  }

  orderRestore(name: string, order: RestoreOrder, opts: pulumi.CustomResourceOptions): pulumi.Resource {
    const { prefix } = this.parameters;
    const claims = new LabParameterFolder(`${name}-claims`, `${prefix}/${RESTORE_CLAIMS}`, opts);
    const values = { [RESTORE]: JSON.stringify(order) };
    return new LabParameters(name, prefix, values, pulumi.mergeOptions(opts, { dependsOn: claims }));
  }

  get host(): pulumi.Output<string> {
    return this.lifetime.host;
  }

  server(name: string, args: ServerMachineArgs, opts: pulumi.CustomResourceOptions): pulumi.CustomResource {
    return new LabServer(name, args, this.lifetime.id, opts);
  }

  agents(name: string, args: AgentMachinesArgs, opts: pulumi.CustomResourceOptions): pulumi.Resource {
    return new LabMachineGroup(name, args, opts);
  }
}

/** Provides machines of the embedded lab, which must be running. */
export class LabMachines implements MachineProvider {
  validate(cluster: ClusterSpec): readonly Problem[] {
    const { kubernetesVersion } = cluster;
    const minorOf = (version: string): string => version.split(".").slice(0, 2).join(".");
    const supported = minorOf(KUBERNETES_VERSION);
    const message = `got ${kubernetesVersion}, must be ${supported}: the lab runs no other version`;
    return [
      ...refuseExistingCluster(cluster),
      ...(minorOf(kubernetesVersion) === supported ? [] : [{ path: "kubernetesVersion", message }]),
    ];
  }

  prepare(name: string, cluster: ClusterSpec, opts: pulumi.CustomResourceOptions): ClusterMachines {
    return new LabCluster(name, cluster, opts);
  }
}
