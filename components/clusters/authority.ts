import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../dynamic";

/**
 * The certificate authorities and join tokens of one cluster. They exist before its machines, so tokens can contain the
 * hash of the authority, and the kubeconfig does not have to be read from a server.
 *
 * They are never renewed: a new authority would require a new cluster.
 */
export class ClusterAuthority extends DynamicResource {
  /** PEM files by path below `server/tls` of K3s. Secret. */
  declare readonly files: pulumi.Output<Record<string, string>>;
  /** Token for servers, `K10<hash>::server:<password>`. Secret. */
  declare readonly serverToken: pulumi.Output<string>;
  /** Token for agents, `K10<hash>::node:<password>`. Secret. */
  declare readonly agentToken: pulumi.Output<string>;
  /** Root certificate of the API server, PEM. */
  declare readonly serverCertificateAuthority: pulumi.Output<string>;

  constructor(name: string, args: { readonly cluster: string }, opts: pulumi.CustomResourceOptions) {
    const outputs = {
      files: undefined,
      serverToken: undefined,
      agentToken: undefined,
      serverCertificateAuthority: undefined,
    };
    super(
      "clusters:Authority",
      "components/clusters/authority-operations",
      name,
      { cluster: args.cluster, ...outputs },
      { ...opts, additionalSecretOutputs: ["files", "serverToken", "agentToken"] },
    );
  }
}
