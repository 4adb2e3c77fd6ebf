import type * as pulumi from "@pulumi/pulumi";

import type { CredentialRotations } from "../../fleet/model";
import { DynamicResource } from "../dynamic";
import type { RetiredToken } from "./tokens-operations";

/** Arguments of {@link ClusterTokens}. */
export interface ClusterTokensArgs {
  /** The certificate authority that servers present, PEM. */
  readonly authority: pulumi.Input<string>;
  /** How often each token has been rotated. */
  readonly rotations: Pick<CredentialRotations, "serverToken" | "agentToken">;
}

/**
 * The tokens with which machines join one cluster. The server token administers the cluster and encrypts its authorities in
 * the datastore, so it never goes to an agent.
 */
export class ClusterTokens extends DynamicResource {
  /** Token for servers, `K10<hash>::server:<password>`. Secret. */
  declare readonly serverToken: pulumi.Output<string>;
  /** Token for agents, `K10<hash>::node:<password>`. Secret. */
  declare readonly agentToken: pulumi.Output<string>;
  /** Former server tokens, oldest first. A snapshot can be restored only with the token of its time. Secret. */
  declare readonly retiredServerTokens: pulumi.Output<readonly RetiredToken[]>;

  constructor(name: string, { authority, rotations }: ClusterTokensArgs, opts: pulumi.CustomResourceOptions) {
    const outputs = { serverToken: undefined, agentToken: undefined, retiredServerTokens: undefined };
    super(
      "clusters:Tokens",
      "components/clusters/tokens-operations",
      name,
      { authority, rotations, ...outputs },
      { ...opts, additionalSecretOutputs: ["serverToken", "agentToken", "retiredServerTokens"] },
    );
  }
}
