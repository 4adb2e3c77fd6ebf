import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { deviceCapacity } from "../../fleet/devices";
import { type K3sInstallation, k3sInstallation } from "../../fleet/k3s/release";
import { serverUserData } from "../../fleet/k3s/userdata";
import type * as fleet from "../../fleet/model";
import { serverNames } from "../../fleet/nodes";
import { waitFor } from "../dependencies";
import { NodePool } from "../nodes/node-pool";
import type { MachineProvider } from "../nodes/machines";
import { AgentRelease } from "./agent-release";
import type { ConnectedCluster } from "./connected-cluster";
import { ClusterCredentials } from "./credentials";
import { findOrderedRestore } from "./ordered-restore";
import { Restoration } from "./restoration";
import { ServerMembership } from "./server-membership";
import { ServerSet } from "./server-set";

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
  /** Token with which K3s takes snapshots on request. Secret. */
  readonly serverToken: pulumi.Output<string>;
  /** Pulumi provider for the Kubernetes API of this cluster. */
  readonly provider: kubernetes.Provider;
  /** Memberships of the servers, in the order in which the servers are created and replaced. */
  readonly servers: readonly ServerMembership[];
  /** The resource that is deleted only with the whole cluster. */
  readonly lifetime: pulumi.Resource;
  /** The release of K3s that new agents install. Absent if the image of the machines contains K3s. */
  readonly agentRelease: pulumi.Output<K3sInstallation> | undefined;
  /** Agents, one group per node pool of the fleet. */
  readonly nodePools: readonly NodePool[];

  constructor(name: string, args: ClusterArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("skerry:clusters:Cluster", name, {}, opts);
    const { cluster, machines } = args;
    const parent = { parent: this };

    const provided = machines.prepare(name, cluster, parent);
    this.lifetime = provided.lifetime;
    const { host, port, parameters } = provided;
    const restore = findOrderedRestore(cluster.name);
    const set = new ServerSet(`${name}-servers`, cluster, restore, parent);
    // The state has to know of the restore before the first server is deleted.
    const restoration = new Restoration(`${name}-restoration`, cluster.name, restore, { ...parent, dependsOn: set });
    const credentials = new ClusterCredentials(name, { cluster, machines: provided, restore, restoration }, parent);
    this.kubeconfig = credentials.kubeconfig;
    this.serverToken = credentials.serverToken;

    // The order exists only while servers restore the cluster, and only when no server of before is left.
    const order = restore && {
      apiVersion: "skerry.dev/restore/v1" as const,
      id: restore.id,
      snapshot: restore.snapshot,
    };
    const ordered = order
      ? [provided.orderRestore(`${name}-restore-order`, order, { parent: this, dependsOn: restoration })]
      : [];
    const node = provided.identify?.();
    // A cluster that is created again has another authority, and finds no trace of the earlier one.
    const userData = pulumi
      .all([host, credentials.clusterIdentifier])
      .apply(([address, identifier]) => serverUserData(cluster, { host: address, port, parameters, identifier, node }));
    this.servers = serverNames(cluster).reduce<ServerMembership[]>((previous, hostname, index) => {
      const machineName = `${name}-server-${index + 1}`;
      const machineArgs = {
        hostname,
        index,
        device: cluster.serverDevice,
        capacity: deviceCapacity(cluster.serverDevice),
        userData,
        generation: cluster.serverGeneration,
        credentialsRevision: credentials.revision,
      };
      // One at a time: etcd accepts one new member at once, and a replacement must not cost the quorum.
      const dependsOn = [set, restoration, credentials.parameters, ...ordered, ...previous.slice(-1)];
      const replaceWith = [restoration];
      const machine = provided.server(machineName, machineArgs, { parent: this, dependsOn, replaceWith });
      const membership = new ServerMembership(
        `${machineName}-membership`,
        { cluster: cluster.name, node: hostname, machine, kubeconfig: this.kubeconfig },
        { parent: this, deletedWith: provided.lifetime, replaceWith },
      );
      return [...previous, membership];
    }, []);

    // The provider connects when it is registered, so it waits for the servers. It does not depend on them: the engine skips
    // what depends on a failed resource, and aborts the update of all clusters at the first object of a skipped provider.
    // A rotated kubeconfig is unknown in a preview. Without an identifier, the preview would replace every object.
    const joined = [...this.servers];
    this.provider = new kubernetes.Provider(
      `${name}-api`,
      { kubeconfig: waitFor(joined, this.kubeconfig), clusterIdentifier: credentials.clusterIdentifier },
      parent,
    );

    const { kubeconfig, serverAuthority: authority } = credentials;
    const release = k3sInstallation(cluster);
    this.agentRelease =
      release &&
      new AgentRelease(
        `${name}-agent-release`,
        { kubeconfig, release },
        { parent: this, dependsOn: joined, deletedWith: provided.lifetime },
      ).installed;
    this.nodePools = cluster.nodePools.map(
      (pool) =>
        new NodePool(
          `${name}-${pool.name}`,
          {
            ...{ cluster, pool, machines: provided, authority, kubeconfig },
            ...(this.agentRelease && { release: this.agentRelease }),
          },
          { parent: this, dependsOn: joined },
        ),
    );
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }
}
