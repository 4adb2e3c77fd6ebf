import type * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import type { Manifest } from "../delivery/object";
import type { ClusterSpec } from "../../fleet/model";
import type { Problem } from "../../fleet/problem";

/** A cluster to which objects can be delivered, whether Skerry created it or not. */
export interface ConnectedCluster {
  /** Kubeconfig of an administrator. Secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Pulumi provider for the Kubernetes API of this cluster. */
  readonly provider: kubernetes.Provider;
  /**
   * The resource that is deleted only with the whole cluster. Objects in the cluster are then not deleted one by one.
   *
   * @default - none: the cluster outlives the stack, so its objects are deleted
   */
  readonly lifetime?: pulumi.Resource;
  /** Resources that create nodes. The delivery waits for them. */
  readonly nodePools: readonly pulumi.Resource[];
  /**
   * Receives the objects that will be applied, so that the cluster can be checked for them before.
   *
   * @param objects the objects of a delivery
   */
  expectObjects?(objects: readonly Manifest[]): void;
}

/** Connects to clusters that Skerry does not create. */
export interface ClusterConnector {
  /** Returns what prevents the connection to a cluster, with paths relative to the cluster. Changes nothing. */
  validate(cluster: ClusterSpec): readonly Problem[];
  /**
   * Connects to a cluster. The Kubernetes provider must be named `<name>-api`, by which policy and `skerry up` find the cluster.
   *
   * @param opts options with the parent, for a component of the cluster
   * @param path path of the cluster in the fleet, for messages, such as `clusters[0]`
   */
  connect(name: string, cluster: ClusterSpec, opts: pulumi.ComponentResourceOptions, path: string): ConnectedCluster;
}
