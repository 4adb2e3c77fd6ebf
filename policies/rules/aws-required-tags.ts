import { valueAt, violation } from "../cloud-values";
import type { ResourceRule } from "../engine/rule";

/** Key of the tag that names the fleet of a resource. */
const FLEET_TAG = "skerry:fleet";

/**
 * Returns a rule that requires tags on AWS resources, with any value. The provider's default tags count.
 *
 * @param keys keys of the required tags
 */
export const requireTags = (keys: readonly string[]): ResourceRule => ({
  subject: "resource",
  id: "aws-required-tags",
  title: `AWS resources have the required tags: ${keys.join(", ")}`,
  why: "A resource without a known owner is paid for, but neither patched nor deleted.",
  severity: "warning",
  remedy: `Set the tags ${keys.join(", ")}, preferably once as defaultTags of the provider.`,
  types: [
    "aws:autoscaling/group:Group",
    "aws:dynamodb/table:Table",
    "aws:ebs/volume:Volume",
    "aws:ec2/eip:Eip",
    "aws:ec2/instance:Instance",
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/networkInterface:NetworkInterface",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
    "aws:efs/fileSystem:FileSystem",
    "aws:iam/role:Role",
    "aws:kms/key:Key",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:rds/cluster:Cluster",
    "aws:rds/instance:Instance",
    "aws:route53/zone:Zone",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketV2:BucketV2",
  ],
  check: (resource) => {
    const tags = valueAt(resource, "tags");
    // A scaling group has a list of tags.
    const listed = Array.isArray(tags)
      ? (tags as ({ readonly key?: unknown } | undefined)[]).map((tag) => tag?.key)
      : [];
    const present = [...listed, ...Object.keys(tags ?? {}), ...Object.keys(valueAt(resource, "tagsAll") ?? {})];
    return keys
      .filter((key) => !present.includes(key))
      .map((key) => violation(["tags", key], "required tag is missing"));
  },
});

export const awsRequiredTags = requireTags([FLEET_TAG]);
