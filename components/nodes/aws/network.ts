import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

import { parseAddressBlock } from "../../../fleet/address-block";
import { type AddressPlan, planAddresses, type SubnetRole } from "./address-plan";
import type { AwsSite, ExistingSubnet } from "./arguments";
import type { ClusterScope } from "./scope";
import { siteZones } from "./sites";

/** A subnet of one availability zone. */
export interface Subnet {
  /** Letter of the zone. */
  readonly zone: string;
  readonly id: pulumi.Input<string>;
}

/** The network of a cluster in one AWS region. */
export interface Network {
  /** Region of the fleet. */
  readonly region: string;
  readonly awsRegion: string;
  /** Whether the servers of the cluster are here. */
  readonly isHome: boolean;
  readonly provider: aws.Provider;
  readonly vpcId: pulumi.Input<string>;
  readonly subnets: Readonly<Record<SubnetRole, readonly Subnet[]>>;
  /** Address ranges of the subnets by purpose. */
  readonly ranges: Readonly<Record<SubnetRole, readonly string[]>>;
  /** Address range of the VPC. Absent for an existing network, which is not peered. */
  readonly cidr?: string;
  /** Private route tables. Empty for an existing network. */
  readonly routeTables: readonly aws.ec2.RouteTable[];
  /** Public addresses from which its nodes reach the internet. */
  readonly natAddresses: readonly pulumi.Input<string>[];
  /** Whether nodes reach the internet. */
  readonly hasInternet: boolean;
}

/** Identity of a network. */
export interface NetworkPlace {
  readonly region: string;
  readonly isHome: boolean;
  readonly provider: aws.Provider;
}

function existingNetwork(site: AwsSite, place: NetworkPlace): Network {
  const { vpcId, agents, servers = [], public: open = [], natAddresses = [] } = site.network!;
  const rangesOf = (subnets: readonly ExistingSubnet[]): string[] => subnets.map(({ cidr }) => cidr);
  return {
    ...place,
    awsRegion: site.region,
    vpcId,
    subnets: { agents, servers, public: open },
    ranges: { agents: rangesOf(agents), servers: rangesOf(servers), public: rangesOf(open) },
    routeTables: [],
    natAddresses,
    hasInternet: site.egress !== "endpoints",
  };
}

/** Creates a VPC with private subnets for agents and, in the home region, for servers. Public subnets hold NAT gateways. */
function newNetwork(scope: ClusterScope, site: AwsSite, place: NetworkPlace): Network {
  const { provider, isHome } = place;
  const name = `${scope.name}-${site.region}`;
  const options = scope.options(provider);
  const tagged = (suffix: string): Tagged => scope.named(`${name}${suffix}`);
  const plan: AddressPlan = planAddresses(parseAddressBlock(site.cidr!)!);
  const zones = siteZones(site);
  const egress = site.egress ?? "nat";
  const hasInternet = egress !== "endpoints";

  const vpc = new aws.ec2.Vpc(
    name,
    { cidrBlock: site.cidr!, enableDnsHostnames: true, enableDnsSupport: true, tags: tagged("") },
    options,
  );
  // Nothing uses the default group, so it allows nothing.
  new aws.ec2.DefaultSecurityGroup(`${name}-default`, { vpcId: vpc.id, tags: tagged("-default") }, options);

  const createSubnets = (role: SubnetRole): Subnet[] =>
    zones.map((zone, index) => {
      const subnet = new aws.ec2.Subnet(
        `${name}-${role}-${zone}`,
        {
          vpcId: vpc.id,
          availabilityZone: `${site.region}${zone}`,
          cidrBlock: plan.subnets[role][index]!,
          mapPublicIpOnLaunch: false,
          tags: tagged(`-${role}-${zone}`),
        },
        options,
      );
      return { zone, id: subnet.id };
    });
  const agents = createSubnets("agents");
  const servers = isHome ? createSubnets("servers") : [];
  const open = hasInternet ? createSubnets("public") : [];

  const nats = hasInternet ? createNatGateways(name, vpc, open, egress === "nat-per-zone", tagged, options) : [];
  // One route table per NAT gateway, or a single one.
  const routeTables = (egress === "nat-per-zone" ? zones : ["private"]).map((suffix, index) => {
    const table = new aws.ec2.RouteTable(`${name}-${suffix}`, { vpcId: vpc.id, tags: tagged(`-${suffix}`) }, options);
    const nat = nats[index];
    if (nat) {
      new aws.ec2.Route(
        `${name}-${suffix}-internet`,
        { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", natGatewayId: nat.gateway.id },
        options,
      );
    }
    return table;
  });
  for (const [role, subnets] of Object.entries({ agents, servers })) {
    for (const [index, { zone, id }] of subnets.entries()) {
      const table = routeTables[index] ?? routeTables[0]!;
      new aws.ec2.RouteTableAssociation(`${name}-${role}-${zone}`, { subnetId: id, routeTableId: table.id }, options);
    }
  }
  return {
    ...place,
    awsRegion: site.region,
    vpcId: vpc.id,
    subnets: { agents, servers, public: open },
    ranges: { agents: [plan.ranges.agents], servers: [plan.ranges.servers], public: [plan.ranges.public] },
    cidr: site.cidr!,
    routeTables,
    natAddresses: nats.map(({ address }) => address.publicIp),
    hasInternet,
  };
}

type Tagged = pulumi.Output<Record<string, string>>;

interface NatGateway {
  readonly gateway: aws.ec2.NatGateway;
  readonly address: aws.ec2.Eip;
}

/** Creates an internet gateway, and one NAT gateway in the first public subnet or in each. */
function createNatGateways(
  name: string,
  vpc: aws.ec2.Vpc,
  subnets: readonly Subnet[],
  perZone: boolean,
  tagged: (suffix: string) => Tagged,
  options: pulumi.CustomResourceOptions,
): NatGateway[] {
  const internet = new aws.ec2.InternetGateway(name, { vpcId: vpc.id, tags: tagged("") }, options);
  const table = new aws.ec2.RouteTable(`${name}-public`, { vpcId: vpc.id, tags: tagged("-public") }, options);
  new aws.ec2.Route(
    `${name}-public-internet`,
    { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: internet.id },
    options,
  );
  for (const { zone, id } of subnets) {
    new aws.ec2.RouteTableAssociation(`${name}-public-${zone}`, { subnetId: id, routeTableId: table.id }, options);
  }
  return (perZone ? subnets : subnets.slice(0, 1)).map(({ zone, id }) => {
    const address = new aws.ec2.Eip(`${name}-nat-${zone}`, { domain: "vpc", tags: tagged(`-nat-${zone}`) }, options);
    const gateway = new aws.ec2.NatGateway(
      `${name}-nat-${zone}`,
      { subnetId: id, allocationId: address.id, tags: tagged(`-nat-${zone}`) },
      { ...options, dependsOn: [internet] },
    );
    return { gateway, address };
  });
}

/** Creates the network of a cluster in one AWS region, or uses an existing one. */
export function createNetwork(scope: ClusterScope, site: AwsSite, place: NetworkPlace): Network {
  return site.network ? existingNetwork(site, place) : newNetwork(scope, site, place);
}
