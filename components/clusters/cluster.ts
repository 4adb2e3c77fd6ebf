import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { deviceCapacity } from "../../fleet/devices";
import { SERVER_TLS_FILES } from "../../fleet/k3s/authority";
import { kubeconfigFor } from "../../fleet/k3s/kubeconfig";
import { AGENT_TOKEN, SERVER_TOKEN, tlsParameter } from "../../fleet/k3s/parameters";
import { serverUserData } from "../../fleet/k3s/userdata";
import type * as fleet from "../../fleet/model";
import { serverNames } from "../../fleet/nodes";
import { NodePool } from "../nodes/node-pool";
import type { MachineProvider } from "../nodes/machines";
import { ActiveServerToken } from "./active-server-token";
import { AdminCertificate } from "./admin-certificate";
import { ClusterAuthority } from "./authority";
import type { ConnectedCluster } from "./connected-cluster";
import { ClusterTokens } from "./tokens";

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
    const { rotations } = cluster;
    const parent = { parent: this };

    const provided = machines.prepare(name, cluster, parent);
    this.lifetime = provided.lifetime;
    const { port, parameters } = provided;
    const server = provided.host.apply((host) => `https://${host}:${port}`);

    const authority = new ClusterAuthority(`${name}-authority`, { cluster: cluster.name }, parent);
    const serverAuthority = authority.files.apply((files) => files["server-ca.crt"] ?? "");
    const tokens = new ClusterTokens(`${name}-tokens`, { authority: serverAuthority, rotations }, parent);
    const serverToken = new ActiveServerToken(
      `${name}-server-token`,
      { server, certificateAuthority: authority.rootCertificate, token: tokens.serverToken },
      parent,
    );
    const stored = provided.store(
      `${name}-parameters`,
      {
        [SERVER_TOKEN]: serverToken.token,
        [AGENT_TOKEN]: tokens.agentToken,
        ...Object.fromEntries(
          SERVER_TLS_FILES.map((path) => [tlsParameter(path), authority.files.apply((files) => files[path] ?? "")]),
        ),
      },
      parent,
    );

    const userData = provided.host.apply((host) => serverUserData(cluster, { host, port, parameters }));
    const servers: pulumi.CustomResource[] = [];
    for (const [index, hostname] of serverNames(cluster).entries()) {
      const args = {
        hostname,
        index,
        device: cluster.serverDevice,
        capacity: deviceCapacity(cluster.serverDevice),
        userData,
        credentialsRevision: `server token ${rotations.serverToken}, agent token ${rotations.agentToken}`,
      };
      // One at a time: etcd takes one new member at once, and a replacement must not cost the quorum.
      const dependsOn = [stored, ...servers.slice(-1)];
      servers.push(provided.server(`${name}-server-${index + 1}`, args, { parent: this, dependsOn }));
    }
    this.servers = servers;

    const admin = new AdminCertificate(`${name}-admin`, { authority, rotation: rotations.adminCertificate }, parent);
    this.kubeconfig = pulumi.secret(
      pulumi
        .all([authority.rootCertificate, admin.certificate, admin.key, server])
        .apply(([certificateAuthority, certificate, key, url]) =>
          kubeconfigFor({ cluster: cluster.name, server: url, certificateAuthority, certificate, key }),
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
          { cluster: cluster.name, pool, machines: provided, authority: serverAuthority, kubeconfig: this.kubeconfig },
          { parent: this, dependsOn: servers },
        ),
    );
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }
}
