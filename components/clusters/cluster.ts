import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { deviceCapacity } from "../../fleet/devices";
import { serverUserData } from "../../fleet/k3s/userdata";
import { kubeconfigFor } from "../../fleet/k3s/kubeconfig";
import type * as fleet from "../../fleet/model";
import { NodePool } from "../nodes/node-pool";
import type { MachineProvider } from "../nodes/machines";
import { AdminCertificate } from "./admin-certificate";
import { ClusterAuthority } from "./authority";

/** Arguments of {@link Cluster}. */
export interface ClusterArgs {
  /** The cluster as the fleet describes it. */
  readonly cluster: fleet.ClusterSpec;
  /** Provides its machines. */
  readonly machines: MachineProvider;
}

/** Creates one K3s control plane and the machines that join it. */
export class Cluster extends pulumi.ComponentResource {
  /** Kubeconfig of the administrator. Secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Pulumi provider for the Kubernetes API of this cluster. */
  readonly provider: kubernetes.Provider;
  /** Machines of the control plane. Deleting them deletes the cluster. */
  readonly servers: pulumi.CustomResource;
  /** Agents, one group per node pool of the fleet. */
  readonly nodePools: readonly NodePool[];

  constructor(name: string, args: ClusterArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("skerry:clusters:Cluster", name, {}, opts);
    const { cluster, machines } = args;
    const parent = { parent: this };

    const authority = new ClusterAuthority(`${name}-authority`, { cluster: cluster.name }, parent);
    const endpoint = machines.endpoint(name, parent);

    const userData = pulumi
      .all([authority.files, authority.serverToken, authority.agentToken, endpoint.host])
      .apply(([files, serverToken, agentToken, host]) =>
        serverUserData(cluster, { files, serverToken, agentToken, host }),
      );
    this.servers = endpoint.servers(
      `${name}-server`,
      {
        hostname: `${cluster.name}-server`,
        count: cluster.servers,
        device: cluster.serverDevice,
        capacity: deviceCapacity(cluster.serverDevice),
        userData,
      },
      parent,
    );

    const admin = new AdminCertificate(`${name}-admin`, { authority }, parent);
    this.kubeconfig = pulumi.secret(
      pulumi
        .all([authority.serverCertificateAuthority, admin.certificate, admin.key, endpoint.host])
        .apply(([certificateAuthority, certificate, key, host]) =>
          kubeconfigFor({
            cluster: cluster.name,
            server: `https://${host}:${endpoint.port}`,
            certificateAuthority,
            certificate,
            key,
          }),
        ),
    );
    this.provider = new kubernetes.Provider(
      `${name}-api`,
      { kubeconfig: this.kubeconfig },
      { parent: this, dependsOn: this.servers },
    );

    this.nodePools = cluster.nodePools.map(
      (pool) =>
        new NodePool(
          `${name}-${pool.name}`,
          { pool, machines, join: { host: endpoint.host, port: endpoint.port, token: authority.agentToken } },
          { parent: this, dependsOn: this.servers },
        ),
    );
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }
}
