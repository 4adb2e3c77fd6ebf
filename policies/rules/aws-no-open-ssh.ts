import { itemsAt, valueAt, violation } from "../cloud-values";
import type { CloudResource, ResourceRule, Violation } from "../engine/rule";

const SSH = 22;
const TCP = ["tcp", "6"];
const ALL = ["-1", "all"];
const GROUPS = ["aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"];
const RULE = "aws:ec2/securityGroupRule:SecurityGroupRule";
const INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";

type Fields = Readonly<Record<string, unknown>>;

function coversSsh({ protocol, fromPort, toPort }: Fields): boolean {
  const name = String(protocol).toLowerCase();
  if (ALL.includes(name)) return true;
  return TCP.includes(name) && Number(fromPort) <= SSH && Number(toPort) >= SSH;
}

/** Whether a range is a large part of the internet: two halves of it are as open as the whole. */
function isWide(cidr: unknown): boolean {
  const [, family, mask] = /^([^/]*)\/(\d+)$/.exec(String(cidr)) ?? [];
  return family !== undefined && Number(mask) < (family.includes(":") ? 16 : 8);
}

function openRanges(resource: Pick<CloudResource, "props">, steps: readonly PropertyKey[]): Violation[] {
  return ["cidrBlocks", "ipv6CidrBlocks"].flatMap((field) => {
    const ranges = valueAt(resource, ...steps, field);
    if (!Array.isArray(ranges)) return [];
    return (ranges as unknown[]).flatMap((range, index) =>
      isWide(range) ? [violation([...steps, field, index], `lets ${String(range)} in at port ${SSH}`)] : [],
    );
  });
}

export const awsNoOpenSsh: ResourceRule = {
  subject: "resource",
  id: "aws-no-open-ssh",
  title: "No security group opens SSH to the internet",
  why: "Port 22 is found within minutes and tried for ever; machines here join by user data, and nothing needs a shell.",
  severity: "error",
  remedy: "Remove the rule and use AWS Systems Manager's Session Manager, or name the few addresses that need a shell.",
  types: [...GROUPS, RULE, INGRESS_RULE],
  check: (resource) => {
    const { type, props } = resource;
    if (type === INGRESS_RULE) {
      if (!coversSsh({ ...props, protocol: props.ipProtocol })) return [];
      return ["cidrIpv4", "cidrIpv6"].flatMap((field) =>
        isWide(props[field]) ? [violation([field], `lets ${String(props[field])} in at port ${SSH}`)] : [],
      );
    }
    if (type === RULE) return props.type === "ingress" && coversSsh(props) ? openRanges(resource, []) : [];
    return itemsAt(resource, "ingress")
      .filter(({ item }) => coversSsh(item))
      .flatMap(({ steps }) => openRanges(resource, steps));
  },
};
