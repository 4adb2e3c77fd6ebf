import { formatValue } from "../../fleet/problem";
import { isTrue, itemsAt, valueAt, violation } from "../cloud-values";
import type { CloudResource, ResourceRule, Violation } from "../engine/rule";

/** Types whose own storage is encrypted by one field. */
const FIELDS: Readonly<Record<string, string>> = {
  "aws:ebs/volume:Volume": "encrypted",
  "aws:efs/fileSystem:FileSystem": "encrypted",
  "aws:rds/cluster:Cluster": "storageEncrypted",
  "aws:rds/instance:Instance": "storageEncrypted",
};
const INSTANCE = "aws:ec2/instance:Instance";
const LAUNCH_CONFIGURATION = "aws:ec2/launchConfiguration:LaunchConfiguration";
const LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";

function unencrypted(resource: CloudResource, ...steps: readonly PropertyKey[]): Violation[] {
  const value = valueAt(resource, ...steps);
  return isTrue(value) ? [] : [violation(steps, `got ${formatValue(value)}, allowed is true`)];
}

function disksOf(resource: CloudResource): Violation[] {
  const devices = itemsAt(resource, "ebsBlockDevices").flatMap(({ steps }) =>
    unencrypted(resource, ...steps, "encrypted"),
  );
  // A template may say it in the instance's place.
  const stated =
    valueAt(resource, "rootBlockDevice") !== undefined || valueAt(resource, "launchTemplate") === undefined;
  return [...(stated ? unencrypted(resource, "rootBlockDevice", "encrypted") : []), ...devices];
}

function disksOfTemplate(resource: CloudResource): Violation[] {
  if (valueAt(resource, "blockDeviceMappings") === undefined) {
    return [violation(["blockDeviceMappings"], "got nothing, allowed is the root disk with ebs.encrypted")];
  }
  return itemsAt(resource, "blockDeviceMappings")
    .filter(({ item }) => item.ebs !== undefined)
    .flatMap(({ steps }) => unencrypted(resource, ...steps, "ebs", "encrypted"));
}

export const awsDisksEncrypted: ResourceRule = {
  subject: "resource",
  id: "aws-disks-encrypted",
  title: "Every disk in AWS is encrypted",
  why: "Disks hold the cluster's secrets and its datastore, and live on as snapshots that are copied and shared.",
  severity: "error",
  remedy:
    "State encrypted: true (storageEncrypted of a database): of an instance on rootBlockDevice and each further disk.",
  types: [...Object.keys(FIELDS), INSTANCE, LAUNCH_CONFIGURATION, LAUNCH_TEMPLATE],
  check: (resource) => {
    const field = FIELDS[resource.type];
    if (field !== undefined) return unencrypted(resource, field);
    return resource.type === LAUNCH_TEMPLATE ? disksOfTemplate(resource) : disksOf(resource);
  },
};
