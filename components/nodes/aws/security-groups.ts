import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

import { type Flow, flows, type Role } from "./flows";
import type { Network } from "./network";
import type { ClusterScope } from "./scope";

/** Roles that have a security group, each after those that its rules refer to. */
const GROUP_ROLES = ["node", "load balancer", "server", "endpoint"] as const;
export type GroupRole = (typeof GROUP_ROLES)[number];

/** The security groups of one network. A server has those of its role and of a node. */
export type SecurityGroups = Readonly<Partial<Record<GroupRole, aws.ec2.SecurityGroup>>>;

/** What the rules of a cluster depend on. */
export interface TrafficArgs {
  /** Its networks, that of the servers first. */
  readonly networks: readonly Network[];
  /** Ranges that may reach an internet-facing load balancer. Empty for an internal one. */
  readonly publicRanges: readonly string[];
  /** Addresses of an internet-facing load balancer. */
  readonly publicAddresses: readonly pulumi.Input<string>[];
  /** Prefix lists of S3 by network. */
  readonly s3PrefixLists: ReadonlyMap<Network, pulumi.Input<string>>;
}

/** The other end of a rule. */
interface Peers {
  readonly self?: boolean;
  readonly securityGroups?: readonly pulumi.Input<string>[];
  readonly cidrBlocks?: readonly pulumi.Input<string>[];
  readonly prefixListIds?: readonly pulumi.Input<string>[];
}

/** A rule of a security group, for incoming or outgoing traffic. */
interface Rule {
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly description: string;
  readonly self: boolean;
  readonly securityGroups: pulumi.Input<string>[];
  readonly cidrBlocks: pulumi.Input<string>[];
  readonly prefixListIds: pulumi.Input<string>[];
}

/** Adds the peers of a flow to the rule for its ports. AWS refuses a second rule for the same ports and peer. */
function addPeers(rule: Rule | undefined, { protocol, ports, why }: Flow, peers: Peers): Rule {
  const { self = false, securityGroups = [], cidrBlocks = [], prefixListIds = [] } = peers;
  const isEmpty = !self && [securityGroups, cidrBlocks, prefixListIds].every(({ length }) => length === 0);
  return {
    protocol,
    fromPort: ports[0],
    toPort: ports[1],
    description: isEmpty
      ? (rule?.description ?? "")
      : [...(rule?.description ? [rule.description] : []), why].join("; "),
    self: self || (rule?.self ?? false),
    securityGroups: [...new Set([...(rule?.securityGroups ?? []), ...securityGroups])],
    cidrBlocks: [...new Set([...(rule?.cidrBlocks ?? []), ...cidrBlocks])],
    prefixListIds: [...new Set([...(rule?.prefixListIds ?? []), ...prefixListIds])],
  };
}

const exact = (address: pulumi.Input<string>): pulumi.Output<string> => pulumi.interpolate`${address}/32`;

/** Returns the address ranges of a role in one network. */
function rangesIn({ isHome, ranges }: Network, role: GroupRole): readonly string[] {
  switch (role) {
    case "node":
      return [...ranges.agents, ...(isHome ? ranges.servers : [])];
    case "endpoint":
      return ranges.agents;
    // An internal load balancer is in the subnets of the servers.
    case "load balancer":
    case "server":
      return isHome ? ranges.servers : [];
  }
}

/**
 * Creates the security groups of one network from the table of flows. Everything else is closed, and rules that others add
 * are removed.
 *
 * Within the network, a rule admits a security group. Groups do not reach across regions, so the rule admits the ranges of
 * the other networks.
 */
export function createSecurityGroups(scope: ClusterScope, args: TrafficArgs, network: Network): SecurityGroups {
  const groups: Partial<Record<GroupRole, aws.ec2.SecurityGroup>> = {};
  const others = args.networks.filter((other) => other !== network);
  const isPublic = args.publicRanges.length > 0;

  const sources = (from: Role, own: GroupRole): Peers => {
    if (from === "administrator") return { cidrBlocks: args.publicRanges };
    if (from === "internet") return {};
    // Nodes reach an internet-facing load balancer through their NAT gateways.
    if (own === "load balancer" && from === "node" && isPublic) {
      return { cidrBlocks: args.networks.flatMap(({ natAddresses }) => natAddresses.map(exact)) };
    }
    const group = groups[from];
    return {
      ...(from === own ? { self: true } : group && { securityGroups: [group.id] }),
      cidrBlocks: from === "load balancer" ? [] : others.flatMap((other) => rangesIn(other, from)),
    };
  };
  const destinations = (to: Role): Peers => {
    if (to === "administrator") return {};
    if (to === "internet") {
      const s3 = args.s3PrefixLists.get(network);
      return network.hasInternet ? { cidrBlocks: ["0.0.0.0/0"] } : { prefixListIds: s3 === undefined ? [] : [s3] };
    }
    // The name of a load balancer resolves to its public addresses, also within the network.
    if (to === "load balancer" && isPublic) return { cidrBlocks: args.publicAddresses.map(exact) };
    if (to === "endpoint") return { cidrBlocks: hasEndpoints(network) ? rangesIn(network, to) : [] };
    return { cidrBlocks: args.networks.flatMap((each) => rangesIn(each, to)) };
  };
  const rulesOf = (own: GroupRole, direction: "ingress" | "egress"): Rule[] => {
    const mine = flows.filter((flow) => (direction === "ingress" ? flow.to : flow.from) === own);
    const rules = new Map<string, Rule>();
    for (const flow of mine) {
      const peers = direction === "ingress" ? sources(flow.from, own) : destinations(flow.to);
      const key = `${flow.protocol} ${flow.ports.join("-")}`;
      rules.set(key, addPeers(rules.get(key), flow, peers));
    }
    return [...rules.values()].filter(({ self, securityGroups, cidrBlocks, prefixListIds }) =>
      [self ? [self] : [], securityGroups, cidrBlocks, prefixListIds].some((list) => list.length > 0),
    );
  };

  for (const role of GROUP_ROLES) {
    if ((role === "server" || role === "load balancer") && !network.isHome) continue;
    if (role === "endpoint" && !hasEndpoints(network)) continue;
    const name = `${scope.name}-${network.awsRegion}-${role.replace(" ", "-")}`;
    groups[role] = new aws.ec2.SecurityGroup(
      name,
      {
        vpcId: network.vpcId,
        description: `Skerry ${role}`,
        ingress: rulesOf(role, "ingress"),
        egress: rulesOf(role, "egress"),
        tags: scope.named(name),
      },
      scope.options(network.provider),
    );
  }
  return groups;
}

/** Reports whether a network has VPC endpoints instead of NAT gateways. */
const hasEndpoints = ({ hasInternet, cidr }: Network): boolean => !hasInternet && cidr !== undefined;
