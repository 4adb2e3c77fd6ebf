import { valueAt, violation } from "../cloud-values";
import type { ResourceRule } from "../engine/rule";

/** The fleet that a resource belongs to. */
export const FLEET_TAG = "skerry:fleet";

/**
 * A rule that resources of AWS carry tags, whatever the values are. A tag that the provider adds by default counts.
 *
 * @param keys of the tags
 */
export const tagged = (keys: readonly string[]): ResourceRule => ({
  subject: "resource",
  id: "aws-tagged",
  title: `Resources in AWS say by tags what they belong to: ${keys.join(", ")}`,
  why: "A machine that nobody knows the owner of is paid for and patched by nobody, and nobody dares to delete it.",
  severity: "warning",
  remedy: `State the tags ${keys.join(", ")}, best once as defaultTags of the provider.`,
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
    // The tags of a scaling group are a list.
    const listed = Array.isArray(tags)
      ? (tags as ({ readonly key?: unknown } | undefined)[]).map((tag) => tag?.key)
      : [];
    const known = [...listed, ...Object.keys(tags ?? {}), ...Object.keys(valueAt(resource, "tagsAll") ?? {})];
    return keys
      .filter((key) => !known.includes(key))
      .map((key) => violation(["tags", key], "missing: nothing says what it belongs to"));
  },
});

export const awsTagged = tagged([FLEET_TAG]);
