import { shown } from "../../fleet/problem";
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

/** Encryption needs no rule: S3 has encrypted every new object since January 2023. */
export const awsBucketsPrivate: ResourceRule = {
  subject: "resource",
  id: "aws-buckets-private",
  title: "S3 buckets are not public",
  why: "Buckets hold cluster snapshots, and each snapshot contains every Secret of the cluster.",
  severity: "error",
  remedy: `Set ${FLAGS.join(", ")} to true, and use a private ACL.`,
  types: [...BLOCKS, ...BUCKETS],
  check: (resource) => {
    if (BLOCKS.includes(resource.type)) {
      return FLAGS.flatMap((flag) => {
        const value = valueAt(resource, flag);
        return value === true ? [] : [violation([flag], `got ${shown(value)}, must be true`)];
      });
    }
    const acl = valueAt(resource, "acl");
    return OPEN_ACLS.includes(acl) ? [violation(["acl"], `got ${shown(acl)}, must be a private ACL`)] : [];
  },
};
