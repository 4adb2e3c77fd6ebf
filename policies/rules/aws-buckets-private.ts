import { formatValue } from "../../fleet/problem";
import { valueAt, violation } from "../cloud-values";
import type { ResourceRule } from "../engine/rule";

const BLOCKS = [
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
];
const BUCKETS = [
  "aws:s3/bucket:Bucket",
  "aws:s3/bucketV2:BucketV2",
  "aws:s3/bucketAcl:BucketAcl",
  "aws:s3/bucketAclV2:BucketAclV2",
];
const FLAGS = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];
const OPEN_ACLS: readonly unknown[] = ["public-read", "public-read-write", "authenticated-read"];

/** That a bucket is encrypted needs no rule: since January 2023 S3 encrypts all that is written. */
export const awsBucketsPrivate: ResourceRule = {
  subject: "resource",
  id: "aws-buckets-private",
  title: "No bucket in AWS is public",
  why: "Buckets hold snapshots of clusters, and with them every secret of the cluster.",
  severity: "error",
  remedy: `State ${FLAGS.join(", ")}: true, and no acl but private ones.`,
  types: [...BLOCKS, ...BUCKETS],
  check: (resource) => {
    if (BLOCKS.includes(resource.type)) {
      return FLAGS.flatMap((flag) => {
        const value = valueAt(resource, flag);
        return value === true ? [] : [violation([flag], `got ${formatValue(value)}, allowed is true`)];
      });
    }
    const acl = valueAt(resource, "acl");
    return OPEN_ACLS.includes(acl) ? [violation(["acl"], `got ${formatValue(acl)}, which others can read`)] : [];
  },
};
