import { isTrue, itemsAt, valueAt, violation } from "../cloud-values";
import type { ResourceRule } from "../engine/rule";

/** Types that give a machine a public address by one field. */
const FIELDS: Readonly<Record<string, string>> = {
  "aws:ec2/instance:Instance": "associatePublicIpAddress",
  "aws:ec2/launchConfiguration:LaunchConfiguration": "associatePublicIpAddress",
  "aws:ec2/subnet:Subnet": "mapPublicIpOnLaunch",
  "aws:rds/instance:Instance": "publiclyAccessible",
};
const LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const PUBLIC = "gives a public address, allowed is none";

export const awsPrivateSubnets: ResourceRule = {
  subject: "resource",
  id: "aws-private-subnets",
  title: "No machine in AWS has a public address of its own",
  why: "A machine that the internet can address is one wrong security group away from being reached by it.",
  severity: "error",
  remedy: "Put machines into private subnets behind a NAT gateway, and a load balancer before the servers.",
  types: [...Object.keys(FIELDS), LAUNCH_TEMPLATE],
  check: (resource) => {
    const field = FIELDS[resource.type];
    if (field !== undefined) return isTrue(valueAt(resource, field)) ? [violation([field], PUBLIC)] : [];
    return itemsAt(resource, "networkInterfaces")
      .filter(({ item }) => isTrue(item.associatePublicIpAddress))
      .map(({ steps }) => violation([...steps, "associatePublicIpAddress"], PUBLIC));
  },
};
