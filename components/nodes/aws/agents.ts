import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

import { autoscalerTags } from "../../../charts/aws/cluster-autoscaler";
import { driverTag } from "../../../charts/aws/ebs-csi-driver";
import type { AgentMachinesArgs } from "../machines";
import type { AwsPoolOptions, MachineImage } from "./arguments";
import { imageId } from "./machine-image";
import type { Network } from "./network";
import { type ClusterScope, COST_CENTER_TAG, OWNER_TAG } from "./scope";
import { metadataOptions } from "./server";
import { limitsOf } from "./sites";
import { encodeUserData } from "./user-data";

/** Share of a pool that stays in service while its instances are replaced, in percent. */
const MIN_HEALTHY_PERCENTAGE = 90;
/** Device of the root disk in the images. */
export const ROOT_DEVICE = "/dev/sda1";

/** Settings of a pool's agents. */
export interface AgentSettings {
  readonly network: Network;
  readonly securityGroupId: pulumi.Input<string>;
  readonly profile: aws.iam.InstanceProfile;
  readonly image: MachineImage;
  readonly options: AwsPoolOptions;
}

/**
 * Creates the agents of a pool: a scaling group in one availability zone. A changed image, instance type or generation replaces
 * its instances in a rolling update. Changed user data applies to new instances only: after an upgrade, which changes the
 * release in it, it would replace machines that run the new release already.
 */
export function createAgents(
  scope: ClusterScope,
  name: string,
  settings: AgentSettings,
  { pool, userData }: AgentMachinesArgs,
  opts: pulumi.CustomResourceOptions,
): aws.autoscaling.Group {
  const { network, options, image } = settings;
  const { instanceTypes = [], spotPercentage = 0, minHealthyPercentage = MIN_HEALTHY_PERCENTAGE } = options;
  const { min, max } = limitsOf(pool, options);
  const tags = scope.named(name);
  const template = new aws.ec2.LaunchTemplate(
    name,
    {
      imageId: imageId(image, network.provider),
      instanceType: pool.device,
      userData: pulumi.output(userData).apply((text) => encodeUserData(name, text)),
      iamInstanceProfile: { name: settings.profile.name },
      vpcSecurityGroupIds: [settings.securityGroupId],
      metadataOptions,
      // Encrypted with the key of the account: scaling groups could not use another key without a grant.
      blockDeviceMappings: [
        {
          deviceName: ROOT_DEVICE,
          ebs: { encrypted: "true", volumeType: "gp3", volumeSize: pool.capacity.diskGiB, deleteOnTermination: "true" },
        },
      ],
      tagSpecifications: [
        { resourceType: "instance", tags: scope.named(name, network.isHome ? driverTag(scope.id) : {}) },
        { resourceType: "volume", tags },
      ],
      updateDefaultVersion: true,
      tags,
    },
    {
      parent: opts.parent,
      provider: network.provider,
      // A newer image does not apply by itself.
      ignoreChanges: "parameter" in image ? ["imageId"] : [],
    },
  );
  const scales = max > min;
  const subnet = network.subnets.agents.find(({ zone }) => `${network.awsRegion}${zone}` === pool.zone)!;
  // Instances get their tags from the template. A change of these replaces them, so the owner and the cost center are not here.
  const groupTags = scope
    .named(name, {
      ...(scales && network.isHome && autoscalerTags(scope.id)),
      "skerry:image": "id" in image ? image.id : image.parameter,
      "skerry:instance-type": pool.device,
      "skerry:generation": String(pool.generation),
    })
    .apply((all) =>
      Object.entries(all)
        .filter(([key]) => key !== OWNER_TAG && key !== COST_CENTER_TAG)
        .map(([key, value]) => ({ key, value, propagateAtLaunch: false })),
    );
  const launch = { launchTemplateId: template.id, version: "$Latest" };
  const isMixed = instanceTypes.length > 0 || spotPercentage > 0;
  return new aws.autoscaling.Group(
    name,
    {
      vpcZoneIdentifiers: [subnet.id],
      minSize: min,
      maxSize: max,
      desiredCapacity: pool.count,
      capacityRebalance: spotPercentage > 0,
      ...(isMixed
        ? {
            mixedInstancesPolicy: {
              launchTemplate: {
                launchTemplateSpecification: launch,
                overrides: [pool.device, ...instanceTypes].map((instanceType) => ({ instanceType })),
              },
              instancesDistribution: {
                onDemandBaseCapacity: 0,
                onDemandPercentageAboveBaseCapacity: 100 - spotPercentage,
                spotAllocationStrategy: "price-capacity-optimized",
              },
            },
          }
        : { launchTemplate: { id: launch.launchTemplateId, version: launch.version } }),
      // A new version of the template does not start a refresh, but a changed tag of the group does.
      instanceRefresh: { strategy: "Rolling", triggers: ["tag"], preferences: { minHealthyPercentage } },
      tags: groupTags,
    },
    // The cluster autoscaler, or a policy of the group, changes the size between the limits.
    { ...opts, provider: network.provider, ignoreChanges: scales ? ["desiredCapacity"] : [] },
  );
}
