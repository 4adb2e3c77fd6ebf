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

/** What a cluster is made of. */
export interface ClusterArgs {
  readonly cluster: fleet.ClusterSpec;
  /** Where its machines come from. */
  readonly machines: MachineProvider;
}

/** One K3s control plane and the machines that join it by server and token. */
export class Cluster extends pulumi.ComponentResource {
  /** Administrator's kubeconfig. Secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Talks to this cluster. */
  readonly provider: kubernetes.Provider;
  /** The machines of the control plane: what the cluster lives and dies with. */
  readonly servers: pulumi.CustomResource;
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
