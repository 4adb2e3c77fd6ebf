import type * as pulumi from "@pulumi/pulumi";

import { clientAuthority } from "../../fleet/k3s/authority";
import { DynamicResource } from "../dynamic";
import type { ClusterAuthority } from "./authority";

/** The cluster administrator's client certificate. Issued anew by an `up` in the last quarter of its life. */
export class AdminCertificate extends DynamicResource {
  /** PEM, with the chain. */
  declare readonly certificate: pulumi.Output<string>;
  /** PEM. Secret. */
  declare readonly key: pulumi.Output<string>;

  constructor(name: string, args: { readonly authority: ClusterAuthority }, opts: pulumi.CustomResourceOptions) {
    // What it is issued by alone: the state, with all that is in it, is written after every step.
    const authority = args.authority.files.apply(clientAuthority);
    super(
      "clusters:AdminCertificate",
      "components/clusters/admin-certificate-operations",
      name,
      { authority, certificate: undefined, key: undefined, expires: undefined },
      { ...opts, additionalSecretOutputs: ["key", "authority"] },
    );
  }
}
