import { createHash } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";

import { tokenHash } from "../../fleet/k3s/backup";
import { kubeconfigFor } from "../../fleet/k3s/kubeconfig";
import { serverParameters } from "../../fleet/k3s/parameters";
import type { ClusterSpec } from "../../fleet/model";
import type { ClusterMachines } from "../nodes/machines";
import { ActiveServerToken } from "./active-server-token";
import { AdminCertificate } from "./admin-certificate";
import { ClusterAuthority } from "./authority";
import type { OrderedRestore } from "./ordered-restore";
import { ClusterTokens } from "./tokens";

/** Arguments of {@link ClusterCredentials}. */
export interface ClusterCredentialsArgs {
  readonly cluster: Pick<ClusterSpec, "name" | "rotations">;
  /** Stores what servers read. */
  readonly machines: ClusterMachines;
  /** The restore that this update carries out. Servers then read the server token of the snapshot. */
  readonly restore: OrderedRestore | undefined;
  /** When it is replaced, no server of before is left. */
  readonly restoration: pulumi.Resource;
}

/** Returns the retired server token with a hash. Secret. */
const findRetiredToken = (tokens: ClusterTokens, hash: string): pulumi.Output<string> =>
  pulumi.secret(
    tokens.retiredServerTokens.apply((retired) => {
      const found = retired.find(({ token }) => tokenHash(token) === hash);
      if (!found) throw new Error(`no retired server token has the hash ${hash}`);
      return found.token;
    }),
  );

/** Creates the authorities, tokens and administrator of a cluster before any of its machines, and stores what servers read. */
export class ClusterCredentials extends pulumi.ComponentResource {
  /** The certificate authority that servers present, PEM. */
  readonly serverAuthority: pulumi.Output<string>;
  /** Identifies the cluster as long as it exists: the SHA-256 of its root certificate. */
  readonly clusterIdentifier: pulumi.Output<string>;
  /** Kubeconfig of the administrator. Secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** The server token in force. Secret. */
  readonly serverToken: pulumi.Output<string>;
  /** The parameters that servers read when they start. */
  readonly parameters: pulumi.Resource;
  /** Changes when a parameter has changed that servers read when they start. */
  readonly revision: string;

  constructor(name: string, args: ClusterCredentialsArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("skerry:clusters:ClusterCredentials", name, {}, opts);
    const { cluster, machines, restore, restoration } = args;
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
      {
        ...{ server, certificateAuthority: authority.rootCertificate },
        token: restore?.tokenHash === undefined ? tokens.serverToken : findRetiredToken(tokens, restore.tokenHash),
        ...(restore && { restored: restore.id }),
      },
      { parent: this, dependsOn: restoration },
    );
    this.serverToken = active.token;
    this.parameters = machines.store(
      `${name}-parameters`,
      serverParameters({ server: this.serverToken, agent: tokens.agentToken }, fileOf),
      parent,
    );
    // After the restore, the old token is rotated, and the servers read the new one.
    const restored = restore?.tokenHash === undefined ? "" : `, restored by ${restore.id}`;
    this.revision = `server token ${serverToken}, agent token ${agentToken}${restored}`;

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
