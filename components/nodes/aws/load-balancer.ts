import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

import type { ApiAccess } from "./arguments";
import { API_PORT } from "./flows";
import { boundedName } from "./names";
import type { Network } from "./network";
import type { ClusterScope } from "./scope";

export interface ApiAddressArgs {
  readonly network: Network;
  readonly securityGroupId: pulumi.Input<string>;
  readonly access: ApiAccess;
  /** Fixed addresses of an internet-facing load balancer, one per public subnet. Empty for an internal one. */
  readonly publicAddresses: readonly aws.ec2.Eip[];
}

/** The stable address of a cluster's API. */
export interface ApiAddress {
  readonly host: pulumi.Output<string>;
  readonly loadBalancer: aws.lb.LoadBalancer;
  readonly targetGroup: aws.lb.TargetGroup;
}

/** Reserves the addresses of an internet-facing load balancer. */
export function reserveAddresses(scope: ClusterScope, { provider, subnets }: Network): aws.ec2.Eip[] {
  return subnets.public.map(({ zone }) => {
    const name = `${scope.name}-api-${zone}`;
    return new aws.ec2.Eip(name, { domain: "vpc", tags: scope.named(name) }, scope.options(provider));
  });
}

/** Creates a network load balancer in front of the healthy servers. */
export function createApiAddress(scope: ClusterScope, args: ApiAddressArgs): ApiAddress {
  const { network, securityGroupId, access, publicAddresses } = args;
  const name = `${scope.name}-api`;
  const options = scope.options(network.provider);
  const isInternal = publicAddresses.length === 0;
  const subnetMappings = isInternal
    ? network.subnets.servers.map(({ id }) => ({ subnetId: id }))
    : network.subnets.public.map(({ id }, index) => ({ subnetId: id, allocationId: publicAddresses[index]!.id }));
  const loadBalancer = new aws.lb.LoadBalancer(
    boundedName(name, "loadBalancer"),
    {
      loadBalancerType: "network",
      internal: isInternal,
      securityGroups: [securityGroupId],
      subnetMappings,
      enableCrossZoneLoadBalancing: true,
      enableDeletionProtection: scope.protect,
      tags: scope.named(name),
    },
    options,
  );
  const targetGroup = new aws.lb.TargetGroup(
    boundedName(name, "targetGroup"),
    {
      vpcId: network.vpcId,
      targetType: "instance",
      protocol: "TCP",
      port: API_PORT,
      // A server that reaches itself through the load balancer would receive its own address as the source, and drop it.
      preserveClientIp: "false",
      connectionTermination: true,
      deregistrationDelay: 30,
      healthCheck: {
        protocol: "TCP",
        port: String(API_PORT),
        interval: 10,
        healthyThreshold: 2,
        unhealthyThreshold: 2,
      },
      tags: scope.named(name),
    },
    options,
  );
  new aws.lb.Listener(
    name,
    {
      loadBalancerArn: loadBalancer.arn,
      protocol: "TCP",
      port: API_PORT,
      defaultActions: [{ type: "forward", targetGroupArn: targetGroup.arn }],
      tags: scope.named(name),
    },
    options,
  );
  const { zone } = access;
  return {
    host: zone ? createRecord(scope, network.provider, zone, loadBalancer, targetGroup) : loadBalancer.dnsName,
    loadBalancer,
    targetGroup,
  };
}

/**
 * Creates the name of the API, and a health check that fails while no server is healthy. The check reads a metric, because
 * the health checkers of Route 53 can reach neither an internal load balancer nor one with stated address ranges.
 */
function createRecord(
  scope: ClusterScope,
  provider: aws.Provider,
  zone: NonNullable<ApiAccess["zone"]>,
  loadBalancer: aws.lb.LoadBalancer,
  targetGroup: aws.lb.TargetGroup,
): pulumi.Output<string> {
  const name = `${scope.name}-api`;
  const options = scope.options(provider);
  const record = new aws.route53.Record(
    name,
    {
      zoneId: zone.id,
      name: `${scope.name}.${zone.name}`,
      type: "A",
      aliases: [{ name: loadBalancer.dnsName, zoneId: loadBalancer.zoneId, evaluateTargetHealth: true }],
    },
    options,
  );
  const alarm = new aws.cloudwatch.MetricAlarm(
    name,
    {
      alarmDescription: `No server of cluster ${scope.name} is healthy.`,
      namespace: "AWS/NetworkELB",
      metricName: "HealthyHostCount",
      dimensions: { LoadBalancer: loadBalancer.arnSuffix, TargetGroup: targetGroup.arnSuffix },
      statistic: "Maximum",
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      period: 60,
      evaluationPeriods: 2,
      treatMissingData: "breaching",
      tags: scope.named(name),
    },
    options,
  );
  new aws.route53.HealthCheck(
    name,
    {
      type: "CLOUDWATCH_METRIC",
      cloudwatchAlarmName: alarm.name,
      cloudwatchAlarmRegion: loadBalancer.region,
      insufficientDataHealthStatus: "Unhealthy",
      tags: scope.named(name),
    },
    options,
  );
  return record.fqdn;
}
