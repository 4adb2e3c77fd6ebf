import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

import { interfaceEndpoints } from "./endpoint-services";
import type { Network } from "./network";
import type { ClusterScope } from "./scope";

/**
 * Creates the gateway endpoint for S3, which is free: snapshots and K3s releases do not pass a NAT gateway.
 *
 * @returns its prefix list, the addresses of S3 in the region
 */
export function createS3Endpoint(scope: ClusterScope, network: Network): pulumi.Output<string> {
  const name = `${scope.name}-${network.awsRegion}-s3`;
  const endpoint = new aws.ec2.VpcEndpoint(
    name,
    {
      vpcId: network.vpcId,
      serviceName: `com.amazonaws.${network.awsRegion}.s3`,
      vpcEndpointType: "Gateway",
      routeTableIds: network.routeTables.map(({ id }) => id),
      tags: scope.named(name),
    },
    scope.options(network.provider),
  );
  return endpoint.prefixListId;
}

/** Creates the interface endpoints of a network without NAT gateways, one address per zone each. */
export function createInterfaceEndpoints(
  scope: ClusterScope,
  network: Network,
  securityGroupId: pulumi.Input<string>,
): void {
  const subnetIds = network.subnets.agents.map(({ id }) => id);
  for (const service of Object.keys(interfaceEndpoints)) {
    const name = `${scope.name}-${network.awsRegion}-${service.replace(".", "-")}`;
    new aws.ec2.VpcEndpoint(
      name,
      {
        vpcId: network.vpcId,
        serviceName: `com.amazonaws.${network.awsRegion}.${service}`,
        vpcEndpointType: "Interface",
        privateDnsEnabled: true,
        subnetIds,
        securityGroupIds: [securityGroupId],
        tags: scope.named(name),
      },
      scope.options(network.provider),
    );
  }
}
