import { createHash } from "node:crypto";

import { type MockedResource, SkerryMocks } from "../../../../components/mocks";

/** Account in AWS' examples. */
export const ACCOUNT = "111122223333";

const hash = (...parts: readonly string[]): string => createHash("sha256").update(parts.join("\0")).digest("hex");

/** Prefix of the ids of a type, which AWS follows with 17 hex digits. */
const ID_PREFIX: Readonly<Record<string, string>> = {
  "aws:ebs/volume:Volume": "vol",
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "sg",
  "aws:ec2/eip:Eip": "eipalloc",
  "aws:ec2/instance:Instance": "i",
  "aws:ec2/internetGateway:InternetGateway": "igw",
  "aws:ec2/launchTemplate:LaunchTemplate": "lt",
  "aws:ec2/natGateway:NatGateway": "nat",
  "aws:ec2/networkInterface:NetworkInterface": "eni",
  "aws:ec2/routeTable:RouteTable": "rtb",
  "aws:ec2/securityGroup:SecurityGroup": "sg",
  "aws:ec2/subnet:Subnet": "subnet",
  "aws:ec2/vpc:Vpc": "vpc",
  "aws:ec2/vpcEndpoint:VpcEndpoint": "vpce",
  "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": "pcx",
};

/** Returns the id of a resource, unique in a recording. */
export function idOf(type: string, name: string): string {
  const prefix = ID_PREFIX[type];
  return prefix ? `${prefix}-${hash(type, name).slice(0, 17)}` : `${name}-id`;
}

/** Pulumi appends seven hex digits to a name. */
export const physicalName = (type: string, name: string): string => `${name}-${hash(type, name).slice(0, 7)}`;

/** Returns a public address, unique in a recording for all practical purposes. */
function addressOf(name: string): string {
  const digits = hash("address", name);
  // 11.0.0.0/8 is no private range, and no range of a network here.
  return `11.${[0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16)).join(".")}`;
}

function uuidOf(name: string): string {
  return hash("uuid", name).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
}

type Attributes = (name: string, inputs: Readonly<Record<string, any>>, region: string) => Record<string, unknown>;

const loadBalancing = (kind: string, type: string): Attributes => {
  return (name, _inputs, region) => {
    const suffix = `${kind}/${physicalName(type, name)}/${hash(kind, name).slice(0, 16)}`;
    return {
      arn: `arn:aws:elasticloadbalancing:${region}:${ACCOUNT}:${suffix}`,
      arnSuffix: suffix.replace(/^loadbalancer\//, ""),
    };
  };
};

const LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const none: Attributes = () => ({});

/** Outputs of each type of AWS, besides its inputs. A type that is not listed throws. */
const attributes: Readonly<Record<string, Attributes>> = {
  "aws:autoscaling/group:Group": none,
  "aws:cloudwatch/metricAlarm:MetricAlarm": (name) => ({ name: physicalName("alarm", name) }),
  "aws:ebs/volume:Volume": none,
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": none,
  "aws:ec2/eip:Eip": (name) => ({ publicIp: addressOf(name) }),
  "aws:ec2/instance:Instance": none,
  "aws:ec2/internetGateway:InternetGateway": none,
  "aws:ec2/launchTemplate:LaunchTemplate": () => ({ latestVersion: 1 }),
  "aws:ec2/natGateway:NatGateway": none,
  "aws:ec2/networkInterface:NetworkInterface": none,
  "aws:ec2/route:Route": none,
  "aws:ec2/routeTable:RouteTable": none,
  "aws:ec2/routeTableAssociation:RouteTableAssociation": none,
  "aws:ec2/securityGroup:SecurityGroup": none,
  "aws:ec2/subnet:Subnet": none,
  "aws:ec2/volumeAttachment:VolumeAttachment": none,
  "aws:ec2/vpc:Vpc": none,
  "aws:ec2/vpcEndpoint:VpcEndpoint": (name) => ({ prefixListId: `pl-${hash("list", name).slice(0, 8)}` }),
  "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": none,
  "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter": none,
  "aws:iam/instanceProfile:InstanceProfile": (name) => ({ name: physicalName("profile", name) }),
  "aws:iam/role:Role": (name) => ({ name: physicalName("role", name) }),
  "aws:iam/rolePolicy:RolePolicy": none,
  "aws:kms/key:Key": (name, _inputs, region) => ({ arn: `arn:aws:kms:${region}:${ACCOUNT}:key/${uuidOf(name)}` }),
  "aws:lb/listener:Listener": none,
  [LOAD_BALANCER]: (name, inputs, region) => ({
    ...loadBalancing("loadbalancer/net", LOAD_BALANCER)(name, inputs, region),
    dnsName: `${name}-${hash("dns", name).slice(0, 16)}.elb.${region}.amazonaws.com`,
    zoneId: `Z${hash("zone", region).slice(0, 13).toUpperCase()}`,
    region,
  }),
  "aws:lb/targetGroup:TargetGroup": loadBalancing("targetgroup", "aws:lb/targetGroup:TargetGroup"),
  "aws:lb/targetGroupAttachment:TargetGroupAttachment": none,
  "aws:route53/healthCheck:HealthCheck": none,
  "aws:route53/record:Record": (_name, { name }) => ({ fqdn: name }),
  "aws:s3/bucket:Bucket": (_name, { bucket }) => ({ arn: `arn:aws:s3:::${bucket}` }),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": none,
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": none,
  "aws:s3/bucketPolicy:BucketPolicy": none,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": none,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": none,
  "aws:s3/bucketVersioning:BucketVersioning": none,
  "aws:ssm/parameter:Parameter": none,
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": none,
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": none,
};

const skerry = new SkerryMocks({ outputs: { "pulumi:providers:aws": () => ({}) } });

/**
 * Returns the outputs of a resource.
 *
 * @throws Error for a type that no test knows
 */
export function attributesOf(resource: MockedResource, region = ""): Readonly<Record<string, unknown>> {
  const { type, name } = resource;
  if (!type.startsWith("aws:")) return { ...skerry.outputsOf(resource) };
  const known = attributes[type];
  if (!known) throw new Error(`no mock for ${type}`);
  if (region === "") throw new Error(`${type} ${name} has no explicit provider`);
  return known(name, resource.inputs as Readonly<Record<string, any>>, region);
}
