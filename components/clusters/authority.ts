import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../dynamic";

/**
 * The certificate authorities and join credentials of one cluster, made before any of its machines exists, so that
 * tokens carry the authority's hash and the kubeconfig is known beforehand.
 *
 * Made once and then kept: another authority would be another cluster.
 */
export class ClusterAuthority extends DynamicResource {
  /** PEM files by their path below K3s's `server/tls`. Secret. */
  declare readonly files: pulumi.Output<Record<string, string>>;
  /** Joins servers, `K10<hash>::server:<password>`. Secret. */
  declare readonly serverToken: pulumi.Output<string>;
  /** Joins agents only, `K10<hash>::node:<password>`. Secret. */
  declare readonly agentToken: pulumi.Output<string>;
  /** PEM of what the API server's certificate chains to. */
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
