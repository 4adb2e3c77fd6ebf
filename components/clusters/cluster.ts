import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { deviceCapacity } from "../../fleet/devices";
import { serverUserData } from "../../fleet/k3s/userdata";
import type * as fleet from "../../fleet/model";
import { serverNames } from "../../fleet/nodes";
import { NodePool } from "../nodes/node-pool";
import type { MachineProvider } from "../nodes/machines";
import type { ConnectedCluster } from "./connected-cluster";
import { ClusterCredentials } from "./credentials";

/** Arguments of {@link Cluster}. */
export interface ClusterArgs {
  /** The cluster as the fleet describes it. */
  readonly cluster: fleet.ClusterSpec;
  /** Provides its machines. */
  readonly machines: MachineProvider;
}

/** Creates one K3s control plane and the machines that join it. */
export class Cluster extends pulumi.ComponentResource implements ConnectedCluster {
  /** Kubeconfig of the administrator. Secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Pulumi provider for the Kubernetes API of this cluster. */
  readonly provider: kubernetes.Provider;
  /** Machines of the control plane, in the order in which they are created and replaced. */
  readonly servers: readonly pulumi.CustomResource[];
  /** The resource that is deleted only with the whole cluster. */
  readonly lifetime: pulumi.Resource;
  /** Agents, one group per node pool of the fleet. */
  readonly nodePools: readonly NodePool[];

  constructor(name: string, args: ClusterArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("skerry:clusters:Cluster", name, {}, opts);
    const { cluster, machines } = args;
    const parent = { parent: this };

    const provided = machines.prepare(name, cluster, parent);
    this.lifetime = provided.lifetime;
    const { host, port, parameters } = provided;
    const credentials = new ClusterCredentials(name, { cluster, machines: provided }, parent);
    this.kubeconfig = credentials.kubeconfig;

    const userData = host.apply((address) => serverUserData(cluster, { host: address, port, parameters }));
    const servers: pulumi.CustomResource[] = [];
    for (const [index, hostname] of serverNames(cluster).entries()) {
      const args = {
        hostname,
        index,
        device: cluster.serverDevice,
        capacity: deviceCapacity(cluster.serverDevice),
        userData,
        credentialsRevision: credentials.revision,
      };
      // One at a time: etcd takes one new member at once, and a replacement must not cost the quorum.
      const dependsOn = [credentials.parameters, ...servers.slice(-1)];
      servers.push(provided.server(`${name}-server-${index + 1}`, args, { parent: this, dependsOn }));
    }
    this.servers = servers;

    this.provider = new kubernetes.Provider(
      `${name}-api`,
      // A rotated kubeconfig is unknown in a preview. Without an identifier, the preview would replace every object.
      { kubeconfig: this.kubeconfig, clusterIdentifier: credentials.clusterIdentifier },
      { parent: this, dependsOn: servers },
    );

    const { kubeconfig, serverAuthority: authority } = credentials;
    this.nodePools = cluster.nodePools.map(
      (pool) =>
        new NodePool(
          `${name}-${pool.name}`,
          { cluster: cluster.name, pool, machines: provided, authority, kubeconfig },
          { parent: this, dependsOn: servers },
        ),
    );
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }
}
