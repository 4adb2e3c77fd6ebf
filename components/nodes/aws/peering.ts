import * as aws from "@pulumi/aws";

import type { Network } from "./network";
import type { ClusterScope } from "./scope";

/**
 * Connects the networks of a cluster in pairs, because every node exchanges pod traffic with every other. Existing networks
 * are left as they are.
 */
export function peerNetworks(scope: ClusterScope, networks: readonly Network[]): void {
  const own = networks.filter(({ cidr }) => cidr !== undefined);
  for (const [index, requester] of own.entries()) {
    for (const accepter of own.slice(index + 1)) peer(scope, requester, accepter);
  }
}

function peer(scope: ClusterScope, requester: Network, accepter: Network): void {
  const name = `${scope.name}-${requester.awsRegion}-${accepter.awsRegion}`;
  const tags = scope.named(name);
  const connection = new aws.ec2.VpcPeeringConnection(
    name,
    { vpcId: requester.vpcId, peerVpcId: accepter.vpcId, peerRegion: accepter.awsRegion, tags },
    scope.options(requester.provider),
  );
  const accepted = new aws.ec2.VpcPeeringConnectionAccepter(
    name,
    { vpcPeeringConnectionId: connection.id, autoAccept: true, tags },
    scope.options(accepter.provider),
  );
  for (const [from, to] of [
    [requester, accepter],
    [accepter, requester],
  ] as const) {
    for (const [index, table] of from.routeTables.entries()) {
      new aws.ec2.Route(
        `${name}-from-${from.awsRegion}-${index + 1}`,
        { routeTableId: table.id, destinationCidrBlock: to.cidr!, vpcPeeringConnectionId: accepted.id },
        scope.options(from.provider),
      );
    }
  }
}
