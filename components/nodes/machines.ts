import type * as pulumi from "@pulumi/pulumi";

import type { Capacity, ClusterSpec } from "../../fleet/model";
import type { Problem } from "../../fleet/problem";

/** A group of equal machines that boot with the same user data. */
export interface MachineGroupArgs {
  /** Prefix of the hostnames `<hostname>-01`, `<hostname>-02` and so on, which K3s uses as node names. */
  readonly hostname: string;
  /** Number of machines. */
  readonly count: number;
  /** Name of the device type in the device catalogue. */
  readonly device: string;
  readonly capacity: Capacity;
  /** cloud-init user data with the K3s configuration. Secret, because it contains the token. */
  readonly userData: pulumi.Input<string>;
}

/** The stable address of one cluster, reserved before any of its machines exists. */
export interface Endpoint {
  /** Hostname or IP address. */
  readonly host: pulumi.Output<string>;
  /** TCP port of the Kubernetes API, where agents also join the cluster. */
  readonly port: number;
  /** Creates the K3s servers that this address leads to. They are ready when the Kubernetes API responds. */
  servers(name: string, args: MachineGroupArgs, opts: pulumi.CustomResourceOptions): pulumi.CustomResource;
}

/** Provides machines from a cloud, from devices in the field, or from the lab. */
export interface MachineProvider {
  /** Returns what this provider cannot provide for a cluster, with paths relative to the cluster. Creates nothing. */
  validate(cluster: ClusterSpec): readonly Problem[];
  /** Reserves the address of a cluster. */
  endpoint(name: string, opts: pulumi.CustomResourceOptions): Endpoint;
  /** Creates K3s agents. They are ready when all have joined their cluster. */
  agents(name: string, args: MachineGroupArgs, opts: pulumi.CustomResourceOptions): pulumi.CustomResource;
}
