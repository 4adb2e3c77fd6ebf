import type * as pulumi from "@pulumi/pulumi";

import { DynamicResource } from "../dynamic";

/** Arguments of {@link ActiveServerToken}. */
export interface ActiveServerTokenArgs {
  /** URL of the Kubernetes API. */
  readonly server: pulumi.Input<string>;
  /** Root certificate of the API server, PEM. */
  readonly certificateAuthority: pulumi.Input<string>;
  /** The token that the cluster is to use. Secret. */
  readonly token: pulumi.Input<string>;
  /** Id of the restore after which the cluster uses the token. The token is then not rotated. @default - no restore */
  readonly restored?: string;
}

/**
 * The server token that a cluster uses. A new cluster starts with its token. When the token changes, a running server has to
 * encrypt the authorities in the datastore with the new one, as `k3s token rotate` requests it; a server that merely starts
 * with another token fails. The rotation therefore requires a running cluster, and comes before machines can read the token.
 */
export class ActiveServerToken extends DynamicResource {
  /** Secret. */
  declare readonly token: pulumi.Output<string>;

  constructor(name: string, args: ActiveServerTokenArgs, opts: pulumi.CustomResourceOptions) {
    super(
      "clusters:ActiveServerToken",
      "components/clusters/active-server-token-operations",
      name,
      { ...args },
      { ...opts, additionalSecretOutputs: ["token"] },
    );
  }
}
