import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

import { tlsOnly } from "./policies";
import type { ClusterScope } from "./scope";

/** Days for which a deleted or overwritten snapshot can be recovered. */
const RECOVERY_DAYS = 30;

/** Creates the bucket for the etcd snapshots of a cluster: private, versioned and encrypted. */
export function createSnapshotBucket(
  scope: ClusterScope,
  provider: aws.Provider,
  bucketName: string,
  keyArn: pulumi.Input<string>,
): aws.s3.Bucket {
  const name = `${scope.name}-snapshots`;
  const options = scope.options(provider);
  const bucket = new aws.s3.Bucket(
    name,
    { bucket: bucketName, tags: scope.named(name) },
    { ...options, protect: scope.protect },
  );
  const settings = { bucket: bucket.id };
  new aws.s3.BucketPublicAccessBlock(
    name,
    {
      ...settings,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    options,
  );
  new aws.s3.BucketOwnershipControls(name, { ...settings, rule: { objectOwnership: "BucketOwnerEnforced" } }, options);
  const versioning = new aws.s3.BucketVersioning(
    name,
    { ...settings, versioningConfiguration: { status: "Enabled" } },
    options,
  );
  new aws.s3.BucketServerSideEncryptionConfiguration(
    name,
    {
      ...settings,
      rules: [
        {
          applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
          bucketKeyEnabled: true,
        },
      ],
    },
    options,
  );
  new aws.s3.BucketPolicy(
    name,
    { ...settings, policy: bucket.arn.apply((arn) => JSON.stringify(tlsOnly(arn))) },
    options,
  );
  // K3s deletes old snapshots; the bucket keeps them for a while.
  new aws.s3.BucketLifecycleConfiguration(
    name,
    {
      ...settings,
      rules: [
        {
          id: "expire-deleted-snapshots",
          status: "Enabled",
          filter: {},
          noncurrentVersionExpiration: { noncurrentDays: RECOVERY_DAYS },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
        },
      ],
    },
    { ...options, dependsOn: [versioning] },
  );
  return bucket;
}
