import * as pulumi from "@pulumi/pulumi";

import { operationsIn } from "../dynamic";
import type { ClusterAuthority } from "./authority";

/** The cluster administrator's client certificate. Issued anew by an `up` in the last quarter of its life. */
export class AdminCertificate extends pulumi.dynamic.Resource {
  /** PEM, with the chain. */
  declare readonly certificate: pulumi.Output<string>;
  /** PEM. Secret. */
  declare readonly key: pulumi.Output<string>;

  constructor(name: string, args: { readonly authority: ClusterAuthority }, opts: pulumi.CustomResourceOptions) {
    super(
      operationsIn("components/clusters/admin-certificate-operations"),
      name,
      { files: args.authority.files, certificate: undefined, key: undefined, expires: undefined },
      { ...opts, additionalSecretOutputs: ["key", "files"] },
      "clusters",
      "AdminCertificate",
    );
  }
}
