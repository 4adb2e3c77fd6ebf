import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

import type { ClusterScope } from "./scope";

/** Days between the deletion of a key and its loss. AWS allows no more. */
const DELETION_DAYS = 30;

/** Creates the key of a cluster, which encrypts its parameters, its servers' volumes and its snapshots. */
export function createKey(scope: ClusterScope, provider: aws.Provider): pulumi.Output<string> {
  const options = scope.options(provider);
  const key = new aws.kms.Key(
    scope.name,
    {
      description: `Parameters, volumes and snapshots of cluster ${scope.name}`,
      enableKeyRotation: true,
      deletionWindowInDays: DELETION_DAYS,
      tags: scope.named(scope.name),
    },
    { ...options, protect: scope.protect },
  );
  return key.arn;
}
