import type * as pulumi from "@pulumi/pulumi";

import type { Capacity, ClusterSpec } from "../../fleet/model";
import type { Problem } from "../../fleet/problem";

/** Where a cluster answers, reserved before any of its machines exists. */
export interface Endpoint {
  readonly host: pulumi.Output<string>;
  /** TCP port of the Kubernetes API and of K3s's own registration. */
  readonly port: number;
  readonly resource: pulumi.Resource;
}

/** Equal machines that are born with the same user data. */
export interface MachineGroupArgs {
  /** Machines are called `<hostname>-01`, `<hostname>-02`, …; K3s takes that as the node's name. */
  readonly hostname: string;
  readonly count: number;
  /** A name from the device catalogue. */
  readonly device: string;
  readonly capacity: Capacity;
  /** cloud-init user data with the K3s configuration. A secret: it holds the token. */
  readonly userData: pulumi.Input<string>;
}

export interface ServerGroupArgs extends MachineGroupArgs {
  readonly endpoint: Endpoint;
}

/** A provider of machines: a cloud, the devices in the field, or the lab. */
export interface MachineProvider {
  /** What this provider cannot give to a cluster, each with its path inside the cluster. Asked before anything is made. */
  validate(cluster: ClusterSpec): readonly Problem[];
  /** Reserves the address of a cluster. */
  endpoint(name: string, opts: pulumi.CustomResourceOptions): Endpoint;
  /** K3s servers. Ready when the cluster's API answers. */
  servers(name: string, args: ServerGroupArgs, opts: pulumi.CustomResourceOptions): pulumi.CustomResource;
  /** K3s agents. Ready when each has joined its cluster. */
  agents(name: string, args: MachineGroupArgs, opts: pulumi.CustomResourceOptions): pulumi.CustomResource;
}
