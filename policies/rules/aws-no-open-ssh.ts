import { shown } from "../../fleet/problem";
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

/** Reports whether a CIDR range is a large part of the internet. Two halves are as open as 0.0.0.0/0. */
function isWide(cidr: unknown): boolean {
  const [, family, mask] = /^([^/]*)\/(\d+)$/.exec(String(cidr)) ?? [];
  return family !== undefined && Number(mask) < (family.includes(":") ? 16 : 8);
}

const openMessage = (cidr: unknown): string => `got ${shown(cidr)}, must not open port ${SSH} to the internet`;

function findOpenRanges(resource: Pick<CloudResource, "props">, steps: readonly PropertyKey[]): Violation[] {
  return ["cidrBlocks", "ipv6CidrBlocks"].flatMap((field) => {
    const ranges = valueAt(resource, ...steps, field);
    if (!Array.isArray(ranges)) return [];
    return (ranges as unknown[]).flatMap((range, index) =>
      isWide(range) ? [violation([...steps, field, index], openMessage(range))] : [],
    );
  });
}

export const awsNoOpenSsh: ResourceRule = {
  subject: "resource",
  id: "aws-no-open-ssh",
  title: "Security groups do not open SSH to the internet",
  why: "Attackers find an open port 22 within minutes. Machines join by user data, so none of them needs a remote shell.",
  severity: "error",
  remedy: "Remove the rule and use AWS Systems Manager Session Manager, or allow only the addresses that need a shell.",
  types: [...GROUPS, RULE, INGRESS_RULE],
  check: (resource) => {
    const { type, props } = resource;
    if (type === INGRESS_RULE) {
      if (!coversSsh({ ...props, protocol: props.ipProtocol })) return [];
      return ["cidrIpv4", "cidrIpv6"].flatMap((field) =>
        isWide(props[field]) ? [violation([field], openMessage(props[field]))] : [],
      );
    }
    if (type === RULE) return props.type === "ingress" && coversSsh(props) ? findOpenRanges(resource, []) : [];
    return itemsAt(resource, "ingress")
      .filter(({ item }) => coversSsh(item))
      .flatMap(({ steps }) => findOpenRanges(resource, steps));
  },
};
