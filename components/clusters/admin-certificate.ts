import type * as pulumi from "@pulumi/pulumi";

import { clientAuthority } from "../../fleet/k3s/authority";
import { DynamicResource } from "../dynamic";
import type { ClusterAuthority } from "./authority";

/** The client certificate of the cluster administrator. `pulumi up` renews it in the last quarter of its lifetime. */
export class AdminCertificate extends DynamicResource {
  /** Certificate chain, PEM. */
  declare readonly certificate: pulumi.Output<string>;
  /** Private key, PEM. Secret. */
  declare readonly key: pulumi.Output<string>;

  constructor(
    name: string,
    args: { readonly authority: ClusterAuthority; /** How often it has been rotated. */ readonly rotation: number },
    opts: pulumi.CustomResourceOptions,
  ) {
    // Pass only the issuing authority, because Pulumi writes the whole state after every step.
    const authority = args.authority.files.apply(clientAuthority);
    super(
      "clusters:AdminCertificate",
      "components/clusters/admin-certificate-operations",
      name,
      { authority, rotation: args.rotation, certificate: undefined, key: undefined, expires: undefined },
      { ...opts, additionalSecretOutputs: ["key", "authority"] },
    );
  }
}
