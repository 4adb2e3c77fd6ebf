import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

import { type Flow, flows, type Role } from "./flows";
import type { Network } from "./network";
import type { ClusterScope } from "./scope";

/** Roles that have a security group. */
export type GroupRole = Exclude<Role, "administrator" | "internet">;

/** The security groups of one network. */
export type SecurityGroups = Readonly<Partial<Record<GroupRole, aws.ec2.SecurityGroup>>>;

/** What the rules of a cluster depend on. */
export interface TrafficArgs {
  /** Its networks, that of the servers first. */
  readonly networks: readonly Network[];
  /** Ranges that may reach an internet-facing load balancer. Empty for an internal one. */
  readonly publicRanges: readonly string[];
  /** Addresses of an internet-facing load balancer. */
  readonly publicAddresses: readonly pulumi.Input<string>[];
  /** Prefix list of S3 by AWS region, for networks without internet. */
  readonly s3PrefixLists: Readonly<Record<string, pulumi.Input<string>>>;
}

/** One end of a rule. */
interface Peer {
  /** Distinguishes the rule from others of the same flow. */
  readonly key: string;
  readonly rule: {
    readonly referencedSecurityGroupId?: pulumi.Input<string>;
    readonly cidrIpv4?: pulumi.Input<string>;
    readonly prefixListId?: pulumi.Input<string>;
  };
}

/** Returns the roles of a network that have a security group. */
function rolesIn({ isHome, hasInternet, cidr }: Network): GroupRole[] {
  return [
    "agent",
    ...(isHome ? (["server", "load balancer"] as const) : []),
    ...(!hasInternet && cidr !== undefined ? (["endpoint"] as const) : []),
  ];
}

const slug = (role: Role): string => role.replace(" ", "-");

/** Finds the peers of a security group in the rules of one cluster. */
class Traffic {
  constructor(
    private readonly args: TrafficArgs,
    private readonly groups: ReadonlyMap<Network, SecurityGroups>,
  ) {}

  /** Returns the peers with a role, as a security group in `network` sees them. */
  peers(role: Role, network: Network, own: GroupRole, direction: "ingress" | "egress"): Peer[] {
    const { publicRanges, publicAddresses, s3PrefixLists } = this.args;
    const isPublic = publicRanges.length > 0;
    switch (role) {
      case "administrator":
        return publicRanges.map((range) => this.range(range, range));
      case "internet": {
        const s3 = s3PrefixLists[network.awsRegion];
        if (network.hasInternet) return [this.range("internet", "0.0.0.0/0")];
        return s3 === undefined ? [] : [{ key: "s3", rule: { prefixListId: s3 } }];
      }
      case "load balancer":
        // Its name resolves to its public addresses, also within the network. It reaches servers by its private ones.
        if (isPublic && direction === "egress") {
          return publicAddresses.map((address, index) => this.address(`load-balancer-${index + 1}`, address));
        }
        return this.members(role, network);
      case "server":
      case "agent":
        // Nodes reach an internet-facing load balancer through their NAT gateways.
        if (own === "load balancer" && isPublic && direction === "ingress") {
          return this.networksOf(role).flatMap(({ awsRegion, natAddresses }) =>
            natAddresses.map((address, index) => this.address(`nat-${awsRegion}-${index + 1}`, address)),
          );
        }
        return this.members(role, network);
      case "endpoint":
        return this.groups.get(network)!.endpoint ? this.members(role, network, [network]) : [];
    }
  }

  private networksOf(role: GroupRole): readonly Network[] {
    return this.args.networks.filter((network) => rolesIn(network).includes(role));
  }

  /** Returns the security group in the same network, and the address ranges in others: groups do not reach across regions. */
  private members(role: GroupRole, network: Network, networks = this.networksOf(role)): Peer[] {
    const subnets = role === "agent" ? "agents" : "servers";
    return networks.flatMap((other) =>
      other === network
        ? [{ key: slug(role), rule: { referencedSecurityGroupId: this.groups.get(network)![role]!.id } }]
        : other.ranges[subnets].map((range) => this.range(`${other.awsRegion}-${range}`, range)),
    );
  }

  private range(key: string, cidrIpv4: string): Peer {
    return { key: key.replace("/", "-"), rule: { cidrIpv4 } };
  }

  private address(key: string, address: pulumi.Input<string>): Peer {
    return { key, rule: { cidrIpv4: pulumi.interpolate`${address}/32` } };
  }
}

/** Creates the security groups of a network without rules. */
export function createGroups(scope: ClusterScope, network: Network): SecurityGroups {
  return Object.fromEntries(
    rolesIn(network).map((role) => {
      const name = `${scope.name}-${network.awsRegion}-${slug(role)}`;
      const group = new aws.ec2.SecurityGroup(
        name,
        {
          vpcId: network.vpcId,
          description: `Skerry: ${role}`,
          // The provider removes AWS' rule that allows all outgoing traffic.
          tags: scope.named(name),
        },
        scope.options(network.provider),
      );
      return [role, group];
    }),
  );
}

/** Creates the rules of all security groups of a cluster from the table of flows. Everything else is closed. */
export function openFlows(scope: ClusterScope, args: TrafficArgs, groups: ReadonlyMap<Network, SecurityGroups>): void {
  const traffic = new Traffic(args, groups);
  for (const [network, own] of groups) {
    for (const role of Object.keys(own) as GroupRole[]) {
      const name = `${scope.name}-${network.awsRegion}-${slug(role)}`;
      const securityGroupId = own[role]!.id;
      const options = scope.options(network.provider);
      const rulesFor = (direction: "ingress" | "egress", open: (key: string, flow: Flow, peer: Peer) => void): void => {
        const [mine, theirs] = direction === "ingress" ? (["to", "from"] as const) : (["from", "to"] as const);
        for (const flow of flows.filter((each) => each[mine].includes(role))) {
          const peers = flow[theirs].flatMap((other) => traffic.peers(other, network, role, direction));
          // Nodes of both roles share NAT gateways.
          for (const peer of new Map(peers.map((each) => [each.key, each])).values()) {
            open(`${name}-${direction}-${flow.protocol}-${flow.ports[0]}-${peer.key}`, flow, peer);
          }
        }
      };
      const fieldsOf = ({ protocol, ports, why }: Flow, { rule }: Peer) => ({
        securityGroupId,
        ipProtocol: protocol,
        fromPort: ports[0],
        toPort: ports[1],
        description: why,
        tags: scope.tags,
        ...rule,
      });
      rulesFor("ingress", (key, flow, peer) => {
        new aws.vpc.SecurityGroupIngressRule(key, fieldsOf(flow, peer), options);
      });
      rulesFor("egress", (key, flow, peer) => {
        new aws.vpc.SecurityGroupEgressRule(key, fieldsOf(flow, peer), options);
      });
    }
  }
}
