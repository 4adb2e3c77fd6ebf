import { shown } from "../../fleet/problem";
import { isTrue, itemsAt, valueAt, violation } from "../cloud-values";
import type { CloudResource, ResourceRule, Violation } from "../engine/rule";

/** Types that have one field for a public address, and its name. */
const FIELDS: Readonly<Record<string, string>> = {
  "aws:ec2/instance:Instance": "associatePublicIpAddress",
  "aws:ec2/launchConfiguration:LaunchConfiguration": "associatePublicIpAddress",
  "aws:ec2/subnet:Subnet": "mapPublicIpOnLaunch",
  "aws:rds/instance:Instance": "publiclyAccessible",
};
const LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";

function checkPrivate(resource: CloudResource, ...steps: readonly PropertyKey[]): Violation[] {
  const value = valueAt(resource, ...steps);
  return isTrue(value) ? [violation(steps, `got ${shown(value)}, must be false`)] : [];
}

export const awsNoPublicIps: ResourceRule = {
  subject: "resource",
  id: "aws-no-public-ips",
  title: "AWS machines have no public IP address",
  why: "A single mistake in a security group exposes a machine with a public address to the internet.",
  severity: "error",
  remedy: "Place machines in private subnets behind a NAT gateway, and put a load balancer in front of the servers.",
  types: [...Object.keys(FIELDS), LAUNCH_TEMPLATE],
  check: (resource) => {
    const field = FIELDS[resource.type];
    if (field !== undefined) return checkPrivate(resource, field);
    return itemsAt(resource, "networkInterfaces").flatMap(({ steps }) =>
      checkPrivate(resource, ...steps, "associatePublicIpAddress"),
    );
  },
};
