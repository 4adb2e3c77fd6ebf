import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

import type { ServerMachineArgs } from "../machines";
import type { MachineImage } from "./arguments";
import { mountDataVolume } from "./data-volume";
import { imageId } from "./machine-image";
import type { Network } from "./network";
import type { ClusterScope } from "./scope";
import { encodeUserData } from "./user-data";

/** Tag with the name of a server's node. */
export const NODE_TAG = "skerry:node";
/** Tag with the zone of a server's node. */
export const ZONE_TAG = "skerry:zone";

/** What the servers of a cluster share. */
export interface ServerSettings {
  readonly network: Network;
  readonly securityGroupIds: pulumi.Input<string>[];
  readonly profile: aws.iam.InstanceProfile;
  readonly image: MachineImage;
  readonly keyArn: pulumi.Input<string>;
  readonly targetGroup: aws.lb.TargetGroup;
  readonly dataVolumeGiB: number;
}

/** Requires IMDSv2, and lets only the host reach it: pods are one hop further away. */
export const metadataOptions = {
  httpEndpoint: "enabled",
  httpTokens: "required",
  httpPutResponseHopLimit: 1,
  instanceMetadataTags: "enabled",
} as const;

/**
 * Creates one server: an instance with a data volume and an address of its own. Both stay when the instance is replaced, so
 * the next one continues as the same etcd member unless the member was removed.
 *
 * A changed image or user data applies only to a new instance. The instance is replaced when its generation changes.
 */
export function createServer(
  scope: ClusterScope,
  name: string,
  settings: ServerSettings,
  args: ServerMachineArgs,
  opts: pulumi.CustomResourceOptions,
): aws.ec2.Instance {
  const { network, keyArn, targetGroup } = settings;
  const options = { parent: opts.parent, provider: network.provider };
  const { zone, id: subnetId } = network.subnets.servers[args.index % network.subnets.servers.length]!;

  const address = new aws.ec2.NetworkInterface(
    name,
    { subnetId, securityGroups: settings.securityGroupIds, tags: scope.named(name) },
    options,
  );
  const volume = new aws.ebs.Volume(
    `${name}-data`,
    {
      availabilityZone: `${network.awsRegion}${zone}`,
      type: "gp3",
      size: settings.dataVolumeGiB,
      encrypted: true,
      kmsKeyId: keyArn,
      tags: scope.named(`${name}-data`),
    },
    // A key of another cluster or a changed default must not replace the data.
    { ...options, protect: scope.protect, ignoreChanges: ["kmsKeyId"] },
  );
  const instance = new aws.ec2.Instance(
    name,
    {
      ami: imageId(settings.image, network.provider),
      instanceType: args.device,
      iamInstanceProfile: settings.profile.name,
      primaryNetworkInterface: { networkInterfaceId: address.id },
      userDataBase64: pulumi.output(args.userData).apply((text) => encodeUserData(name, mountDataVolume(text))),
      metadataOptions,
      rootBlockDevice: {
        encrypted: true,
        kmsKeyId: keyArn,
        volumeType: "gp3",
        volumeSize: args.capacity.diskGiB,
      },
      tags: scope.named(name, {
        [NODE_TAG]: args.hostname,
        [ZONE_TAG]: `${network.awsRegion}${zone}`,
        "skerry:generation": String(args.generation),
        // The cloud controller requires a tag that names the cluster. Metadata cannot contain one with a slash.
        KubernetesCluster: scope.id,
      }),
    },
    {
      ...opts,
      provider: network.provider,
      ignoreChanges: ["ami", "userDataBase64"],
      replaceOnChanges: ['tags["skerry:generation"]'],
      // The address and the volume belong to one instance at a time.
      deleteBeforeReplace: true,
    },
  );
  new aws.ec2.VolumeAttachment(
    `${name}-data`,
    { instanceId: instance.id, volumeId: volume.id, deviceName: "/dev/sdf", stopInstanceBeforeDetaching: true },
    { ...options, deleteBeforeReplace: true },
  );
  new aws.lb.TargetGroupAttachment(
    name,
    { targetGroupArn: targetGroup.arn, targetId: instance.id },
    { ...options, deleteBeforeReplace: true },
  );
  return instance;
}
