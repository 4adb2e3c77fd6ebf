import * as pulumi from "@pulumi/pulumi";

import type { NodePoolSpec, JoinToken as JoinTokenSpec } from "../../fleet/model";
import { DynamicResource } from "../dynamic";

/** Arguments of {@link JoinToken}. */
export interface JoinTokenArgs {
  /** The pool whose agents join with the token. */
  readonly pool: Pick<NodePoolSpec, "name" | "count"> & { readonly joinToken: JoinTokenSpec };
  /** Name of the cluster. */
  readonly cluster: string;
  /** The certificate authority that servers present, PEM. */
  readonly authority: pulumi.Input<string>;
  /** Kubeconfig of an administrator. Secret. */
  readonly kubeconfig: pulumi.Input<string>;
}

/**
 * A bootstrap token with which the agents of one pool join their cluster until it expires. It is a Secret of type
 * `bootstrap.kubernetes.io/token` in `kube-system`; K3s deletes it after its expiry, which is not drift.
 *
 * Deleting the resource revokes the token. Agents that have joined keep their node until it is deleted.
 */
export class JoinToken extends DynamicResource {
  /** `K10<hash>::<id>.<secret>`. Secret. */
  declare readonly token: pulumi.Output<string>;
  /** Public part of the token, which is also in the name of its Secret. */
  declare readonly tokenId: pulumi.Output<string>;
  /** RFC 3339. */
  declare readonly expires: pulumi.Output<string>;

  constructor(name: string, args: JoinTokenArgs, opts: pulumi.CustomResourceOptions) {
    const { pool, cluster, authority, kubeconfig } = args;
    const { hours, issue } = pool.joinToken;
    super(
      "clusters:JoinToken",
      "components/clusters/join-token-operations",
      name,
      {
        ...{ cluster, pool: pool.name, authority, hours, issue, count: pool.count },
        kubeconfig: pulumi.secret(kubeconfig),
        ...{ token: undefined, tokenId: undefined, expires: undefined },
      },
      { ...opts, additionalSecretOutputs: ["token", "kubeconfig"] },
    );
  }
}
