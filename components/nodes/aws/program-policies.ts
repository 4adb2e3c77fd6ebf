import { autoscalerTags } from "../../../charts/aws/cluster-autoscaler";
import { driverTag } from "../../../charts/aws/ebs-csi-driver";
import type { AwsProgram } from "../../../charts/aws/programs";
import type { ClusterSpec } from "../../../fleet/model";
import type { AwsMachinesArgs } from "./arguments";
import { clusterId } from "./names";
import type { Statement } from "./policies";
import { programsOf } from "./programs";
import type { Tags } from "./scope";

/** Returns a condition that a resource, or a request, has tags. */
const hasTags = (of: "RequestTag" | "ResourceTag", tags: Tags): NonNullable<Statement["Condition"]> => ({
  StringEquals: Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:${of}/${key}`, value])),
});

/**
 * Returns what the programs on servers may do with the role of their instance: read in the region of the servers, and change
 * only what has the tag of their program and cluster. Actions that read support neither resources nor tags.
 *
 * Servers and their data volumes have no such tag, so the data of etcd is out of reach.
 *
 * @see https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/example-iam-policy.json
 * @see https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md
 */
export function programStatements(args: AwsMachinesArgs, cluster: ClusterSpec): Statement[] {
  const { region } = args.sites[cluster.homeRegion]!;
  const programs = programsOf(args, cluster);
  const arn = (service: string, resource: string): string =>
    `arn:aws:${service}:${region}:${args.accountId}:${resource}`;
  const id = clusterId(args, cluster.name);
  const volumes = arn("ec2", "volume/*");
  const read = (Sid: string, ...Action: readonly string[]): Statement => ({
    Sid,
    Effect: "Allow",
    Action,
    Resource: "*",
    Condition: { StringEquals: { "aws:RequestedRegion": region } },
  });
  const statements: Readonly<Record<AwsProgram, readonly Statement[]>> = {
    cloudController: [read("FindInstances", "ec2:DescribeInstances")],
    terminationHandler: [],
    ebsCsiDriver: [
      read(
        "FindVolumes",
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeInstances",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeVolumes",
        "ec2:DescribeVolumesModifications",
        "ec2:DescribeVolumeStatus",
      ),
      {
        Sid: "CreateVolumes",
        Effect: "Allow",
        Action: "ec2:CreateVolume",
        Resource: volumes,
        Condition: hasTags("RequestTag", driverTag(id)),
      },
      {
        Sid: "TagNewVolumes",
        Effect: "Allow",
        Action: "ec2:CreateTags",
        Resource: volumes,
        Condition: { StringEquals: { "ec2:CreateAction": "CreateVolume" } },
      },
      {
        Sid: "ChangeVolumes",
        Effect: "Allow",
        Action: ["ec2:ModifyVolume", "ec2:DeleteVolume"],
        Resource: volumes,
        Condition: hasTags("ResourceTag", driverTag(id)),
      },
      {
        // Both the volume and the instance must have the tag.
        Sid: "AttachVolumes",
        Effect: "Allow",
        Action: ["ec2:AttachVolume", "ec2:DetachVolume"],
        Resource: [volumes, arn("ec2", "instance/*")],
        Condition: hasTags("ResourceTag", driverTag(id)),
      },
    ],
    clusterAutoscaler: [
      read(
        "FindGroups",
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeTags",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeLaunchTemplateVersions",
      ),
      {
        Sid: "ScaleGroups",
        Effect: "Allow",
        Action: ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
        Resource: arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*"),
        Condition: hasTags("ResourceTag", autoscalerTags(id)),
      },
    ],
  };
  return (Object.keys(programs) as AwsProgram[]).flatMap((program) => statements[program]);
}
