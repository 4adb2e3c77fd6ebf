import { shown } from "../../fleet/problem";
import { isTrue, itemsAt, valueAt, violation } from "../cloud-values";
import type { CloudResource, ResourceRule, Violation } from "../engine/rule";

/** Types that have one field for encryption, and its name. */
const FIELDS: Readonly<Record<string, string>> = {
  "aws:ebs/volume:Volume": "encrypted",
  "aws:efs/fileSystem:FileSystem": "encrypted",
  "aws:rds/cluster:Cluster": "storageEncrypted",
  "aws:rds/instance:Instance": "storageEncrypted",
};
const INSTANCE = "aws:ec2/instance:Instance";
const LAUNCH_CONFIGURATION = "aws:ec2/launchConfiguration:LaunchConfiguration";
const LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";

function checkEncrypted(resource: CloudResource, ...steps: readonly PropertyKey[]): Violation[] {
  const value = valueAt(resource, ...steps);
  return isTrue(value) ? [] : [violation(steps, `got ${shown(value)}, must be true`)];
}

function checkInstance(resource: CloudResource): Violation[] {
  const devices = itemsAt(resource, "ebsBlockDevices").flatMap(({ steps }) =>
    checkEncrypted(resource, ...steps, "encrypted"),
  );
  // A launch template may set the root disk instead.
  const ownsRootDisk =
    valueAt(resource, "rootBlockDevice") !== undefined || valueAt(resource, "launchTemplate") === undefined;
  return [...(ownsRootDisk ? checkEncrypted(resource, "rootBlockDevice", "encrypted") : []), ...devices];
}

function checkTemplate(resource: CloudResource): Violation[] {
  if (valueAt(resource, "blockDeviceMappings") === undefined) {
    return [violation(["blockDeviceMappings"], "got nothing, must contain the root disk with ebs.encrypted: true")];
  }
  return itemsAt(resource, "blockDeviceMappings")
    .filter(({ item }) => item.ebs !== undefined)
    .flatMap(({ steps }) => checkEncrypted(resource, ...steps, "ebs", "encrypted"));
}

export const awsDisksEncrypted: ResourceRule = {
  subject: "resource",
  id: "aws-disks-encrypted",
  title: "Disks and databases in AWS are encrypted",
  why: "Disks hold the cluster's Secrets and its datastore, and their snapshots are copied and shared.",
  severity: "error",
  remedy:
    "Set encrypted: true, or storageEncrypted: true for a database. For an instance, set it on rootBlockDevice and on every additional disk.",
  types: [...Object.keys(FIELDS), INSTANCE, LAUNCH_CONFIGURATION, LAUNCH_TEMPLATE],
  check: (resource) => {
    const field = FIELDS[resource.type];
    if (field !== undefined) return checkEncrypted(resource, field);
    return resource.type === LAUNCH_TEMPLATE ? checkTemplate(resource) : checkInstance(resource);
  },
};
