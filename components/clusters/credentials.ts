import { createHash } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";

import { SERVER_TLS_FILES } from "../../fleet/k3s/authority";
import { kubeconfigFor } from "../../fleet/k3s/kubeconfig";
import { AGENT_TOKEN, SERVER_TOKEN, tlsParameter } from "../../fleet/k3s/parameters";
import type { ClusterSpec } from "../../fleet/model";
import type { ClusterMachines } from "../nodes/machines";
import { ActiveServerToken } from "./active-server-token";
import { AdminCertificate } from "./admin-certificate";
import { ClusterAuthority } from "./authority";
import { ClusterTokens } from "./tokens";

/** Arguments of {@link ClusterCredentials}. */
export interface ClusterCredentialsArgs {
  readonly cluster: Pick<ClusterSpec, "name" | "rotations">;
  /** Stores what servers read. */
  readonly machines: ClusterMachines;
}

/** Creates the authorities, tokens and administrator of a cluster before any of its machines, and stores what servers read. */
export class ClusterCredentials extends pulumi.ComponentResource {
  /** The certificate authority that servers present, PEM. */
  readonly serverAuthority: pulumi.Output<string>;
  /** Identifies the cluster as long as it exists: the SHA-256 of its root certificate. */
  readonly clusterIdentifier: pulumi.Output<string>;
  /** Kubeconfig of the administrator. Secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** The parameters that servers read when they start. */
  readonly parameters: pulumi.Resource;
  /** Changes when a parameter has changed that servers read when they start. */
  readonly revision: string;

  constructor(name: string, args: ClusterCredentialsArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("skerry:clusters:ClusterCredentials", name, {}, opts);
    const { cluster, machines } = args;
    const { serverToken, agentToken, adminCertificate } = cluster.rotations;
    const parent = { parent: this };
    const server = machines.host.apply((host) => `https://${host}:${machines.port}`);

    const authority = new ClusterAuthority(`${name}-authority`, { cluster: cluster.name }, parent);
    const fileOf = (path: string): pulumi.Output<string> => authority.files.apply((files) => files[path] ?? "");
    // A certificate is public.
    this.serverAuthority = pulumi.unsecret(fileOf("server-ca.crt"));

    this.clusterIdentifier = authority.rootCertificate.apply((root) => createHash("sha256").update(root).digest("hex"));

    const tokens = new ClusterTokens(
      `${name}-tokens`,
      { authority: this.serverAuthority, rotations: { serverToken, agentToken } },
      parent,
    );
    const active = new ActiveServerToken(
      `${name}-server-token`,
      { server, certificateAuthority: authority.rootCertificate, token: tokens.serverToken },
      parent,
    );
    this.parameters = machines.store(
      `${name}-parameters`,
      {
        [SERVER_TOKEN]: active.token,
        [AGENT_TOKEN]: tokens.agentToken,
        ...Object.fromEntries(SERVER_TLS_FILES.map((path) => [tlsParameter(path), fileOf(path)])),
      },
      parent,
    );
    this.revision = `server token ${serverToken}, agent token ${agentToken}`;

    const admin = new AdminCertificate(`${name}-admin`, { authority, rotation: adminCertificate }, parent);
    this.kubeconfig = pulumi.secret(
      pulumi
        .all([authority.rootCertificate, admin.certificate, admin.key, server])
        .apply(([certificateAuthority, certificate, key, url]) =>
          kubeconfigFor({ cluster: cluster.name, server: url, certificateAuthority, certificate, key }),
        ),
    );
    this.registerOutputs({});
  }
}
