import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../dynamic";

/**
 * The certificate authorities of one cluster, below a root of its own. They exist before its machines, so tokens can contain
 * their hash, and the kubeconfig does not have to be read from a server.
 *
 * The keys of the root and of the intermediate authority stay in the state of the stack, encrypted. No machine gets them.
 * With them, new authorities can be issued below the same root, which leaves tokens and kubeconfigs valid.
 */
export class ClusterAuthority extends DynamicResource {
  /** PEM files by path below `server/tls` of K3s. Secret. */
  declare readonly files: pulumi.Output<Record<string, string>>;
  /** PEM. */
  declare readonly rootCertificate: pulumi.Output<string>;
  /** PEM. Secret. */
  declare readonly rootKey: pulumi.Output<string>;
  /** PEM. Secret. */
  declare readonly intermediateKey: pulumi.Output<string>;

  constructor(name: string, args: { readonly cluster: string }, opts: pulumi.CustomResourceOptions) {
    const outputs = { files: undefined, rootCertificate: undefined, rootKey: undefined, intermediateKey: undefined };
    super(
      "clusters:Authority",
      "components/clusters/authority-operations",
      name,
      { cluster: args.cluster, ...outputs },
      { ...opts, additionalSecretOutputs: ["files", "rootKey", "intermediateKey"] },
    );
  }
}
