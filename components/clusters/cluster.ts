import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { deviceCapacity } from "../../fleet/devices";
import { serverUserData } from "../../fleet/k3s/userdata";
import { kubeconfigFor } from "../../fleet/k3s/kubeconfig";
import type * as fleet from "../../fleet/model";
import { serverNames } from "../../fleet/nodes";
import { NodePool } from "../nodes/node-pool";
import type { MachineProvider } from "../nodes/machines";
import { AdminCertificate } from "./admin-certificate";
import { ClusterAuthority } from "./authority";
import type { ConnectedCluster } from "./connected-cluster";

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

    const authority = new ClusterAuthority(`${name}-authority`, { cluster: cluster.name }, parent);
    const provided = machines.prepare(name, cluster, parent);
    this.lifetime = provided.lifetime;

    const userData = pulumi
      .all([authority.files, authority.serverToken, authority.agentToken, provided.host])
      .apply(([files, serverToken, agentToken, host]) =>
        serverUserData(cluster, { files, serverToken, agentToken, host }),
      );
    const servers: pulumi.CustomResource[] = [];
    for (const [index, hostname] of serverNames(cluster).entries()) {
      const args = {
        hostname,
        index,
        device: cluster.serverDevice,
        capacity: deviceCapacity(cluster.serverDevice),
        userData,
      };
      // One at a time: etcd takes one new member at once, and a replacement must not cost the quorum.
      servers.push(
        provided.server(`${name}-server-${index + 1}`, args, { parent: this, dependsOn: servers.slice(-1) }),
      );
    }
    this.servers = servers;

    const admin = new AdminCertificate(`${name}-admin`, { authority }, parent);
    this.kubeconfig = pulumi.secret(
      pulumi
        .all([authority.serverCertificateAuthority, admin.certificate, admin.key, provided.host])
        .apply(([certificateAuthority, certificate, key, host]) =>
          kubeconfigFor({
            cluster: cluster.name,
            server: `https://${host}:${provided.port}`,
            certificateAuthority,
            certificate,
            key,
          }),
        ),
    );
    this.provider = new kubernetes.Provider(
      `${name}-api`,
      { kubeconfig: this.kubeconfig },
      { parent: this, dependsOn: servers },
    );

    this.nodePools = cluster.nodePools.map(
      (pool) =>
        new NodePool(
          `${name}-${pool.name}`,
          { cluster, pool, machines: provided, token: authority.agentToken },
          { parent: this, dependsOn: servers },
        ),
    );
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }
}
