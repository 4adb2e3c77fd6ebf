import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

import type { ClusterScope } from "./scope";

/** Values by the name of their parameter below the prefix. Secret. */
export type ParameterValues = Readonly<Record<string, pulumi.Input<string>>>;

export interface ParametersArgs {
  /** Start of the name of every parameter. */
  readonly prefix: string;
  readonly values: ParameterValues;
  readonly keyArn: pulumi.Input<string>;
  readonly provider: aws.Provider;
}

/** Secrets in Parameter Store, encrypted with the key of their cluster. */
export class Parameters extends pulumi.ComponentResource {
  constructor(name: string, scope: ClusterScope, args: ParametersArgs, opts: pulumi.ComponentResourceOptions) {
    super("skerry:nodes:AwsParameters", name, {}, opts);
    const { prefix, values, keyArn, provider } = args;
    for (const [parameter, value] of Object.entries(values)) {
      const isOfPool = parameter.startsWith("pools/");
      new aws.ssm.Parameter(
        `${scope.name}/${parameter}`,
        {
          name: `${prefix}/${parameter}`,
          type: "SecureString",
          keyId: keyArn,
          value: pulumi.secret(value),
          // Certificate chains may exceed the 4 KiB of the standard tier.
          tier: "Intelligent-Tiering",
          tags: scope.tags,
        },
        // The secret of a pool is deleted with its pool.
        { parent: this, provider, protect: scope.protect && !isOfPool },
      );
    }
    this.registerOutputs({});
  }
}
