import { recordStack, stackConfig } from "../../unit/aws/support/clusters";
import { checkResources } from "../../unit/aws/support/policy";
import { ACCOUNT } from "../../unit/aws/support/attributes";
import type { Recorded, Recording } from "../../unit/aws/support/recording";

/** The whole program of stack `production`, against mocks that throw on anything unknown. */

const RANGE = "203.0.113.0/24";
const CLUSTERS = ["frankfurt", "virginia", "tokyo"];
let recording: Recording;
let cloud: readonly Recorded[];

beforeAll(async () => {
  recording = await recordStack("production", stackConfig);
  cloud = recording.resources.filter(({ type }) => type.startsWith("aws:"));
}, 300_000);

test("every cloud resource belongs to its cluster, and has the explicit provider of a region", () => {
  expect(cloud.length).toBeGreaterThan(300);
  const clusterOf = (resource: Recorded): string | undefined => {
    const parent = recording.resources.find(({ name, type }) => name === resource.parent && type.startsWith("skerry:"));
    return parent?.type === "skerry:clusters:Cluster" ? parent.name : parent && clusterOf(parent);
  };
  for (const resource of cloud) {
    expect({ name: resource.name, cluster: clusterOf(resource) }).toEqual({
      name: resource.name,
      cluster: CLUSTERS.find((cluster) => resource.name.startsWith(cluster)),
    });
    expect(resource.region).toMatch(/^[a-z]{2}-[a-z]+-\d$/);
  }
  const providers = recording.ofType("pulumi:providers:aws");
  expect(providers).toHaveLength(10);
  for (const { name, inputs } of providers) {
    expect(inputs).toMatchObject({ region: name.replace(/^aws-/, ""), allowedAccountIds: JSON.stringify([ACCOUNT]) });
  }
});

test("passes every rule on cloud resources, and has the tags for owner, environment and cost", () => {
  expect(checkResources(cloud)).toEqual([]);
  const tagged = cloud.filter(({ inputs }) => inputs.tags !== undefined && !Array.isArray(inputs.tags));
  expect(tagged.length).toBeGreaterThan(200);
  for (const { inputs } of tagged) {
    expect(inputs.tags).toMatchObject({
      "skerry:fleet": "skerry",
      "skerry:environment": "production",
      "skerry:owner": "platform",
      "skerry:cost-center": "edge",
    });
  }
});

test("servers are single instances, spread over zones, that only a new generation replaces", () => {
  const servers = recording.ofType("aws:ec2/instance:Instance");
  expect(servers.map(({ name }) => name).sort()).toEqual(
    CLUSTERS.flatMap((cluster) => [1, 2, 3].map((number) => `${cluster}-server-${number}`)).sort(),
  );
  for (const server of servers) {
    expect(server).toMatchObject({
      inputs: {
        instanceType: "m7g.large",
        metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1, instanceMetadataTags: "enabled" },
        rootBlockDevice: { encrypted: true },
        tags: {
          KubernetesCluster: expect.stringMatching(/^skerry-production-/),
          "skerry:generation": "1",
          "skerry:node": server.name.replace(/-(\d)$/, "-0$1"),
        },
      },
      ignoreChanges: ["ami", "userDataBase64"],
      replaceOnChanges: ['tags["skerry:generation"]'],
      deleteBeforeReplace: true,
    });
    // The network interface decides about subnet, groups and addresses.
    expect(server.inputs).not.toHaveProperty("associatePublicIpAddress");
    expect(server.inputs).not.toHaveProperty("keyName");
  }
  const zones = servers
    .filter(({ name }) => name.startsWith("tokyo"))
    .map(({ inputs }) => String(inputs.tags["skerry:zone"]));
  expect(zones.sort()).toEqual(["ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"]);
});

test("stateful resources are protected, and encrypted with the key of their cluster", () => {
  const protectedTypes = [
    "aws:ebs/volume:Volume",
    "aws:kms/key:Key",
    "aws:s3/bucket:Bucket",
    "aws:ssm/parameter:Parameter",
  ];
  expect(cloud.filter(({ protect }) => protect).map(({ type }) => type)).toEqual(
    cloud.filter(({ type }) => protectedTypes.includes(type)).map(({ type }) => type),
  );
  const keys = recording.ofType("aws:kms/key:Key");
  const keyOf = (name: string): unknown => keys.find((key) => name.startsWith(key.name))!.attributes.arn;
  for (const { name, inputs } of recording.ofType("aws:ebs/volume:Volume")) {
    expect(inputs).toMatchObject({ encrypted: true, kmsKeyId: keyOf(name), type: "gp3" });
  }
  const parameters = recording.ofType("aws:ssm/parameter:Parameter");
  // Two tokens and eleven files for each cluster.
  expect(parameters).toHaveLength(3 * 13);
  for (const { name, inputs, secrets } of parameters) {
    expect(inputs).toMatchObject({ type: "SecureString", keyId: keyOf(name) });
    expect(inputs.name).toBe(`/skerry/production/${name}`);
    expect(secrets).toContain("value");
  }
});

test("agents are scaling groups with encrypted disks, IMDSv2 and no public address", () => {
  const templates = recording.ofType("aws:ec2/launchTemplate:LaunchTemplate");
  expect(templates).toHaveLength(13);
  for (const { inputs, ignoreChanges } of templates) {
    expect(inputs).toMatchObject({
      metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [{ ebs: { encrypted: "true" } }],
    });
    expect(inputs).not.toHaveProperty("networkInterfaces");
    expect(inputs).not.toHaveProperty("keyName");
    expect(ignoreChanges).toEqual(["imageId"]);
  }
  const cloudPool = recording.ofType("aws:autoscaling/group:Group").find(({ name }) => name === "tokyo-tokyo-cloud")!;
  expect(cloudPool).toMatchObject({
    inputs: {
      minSize: 2,
      maxSize: 6,
      instanceRefresh: { strategy: "Rolling", triggers: ["tag"], preferences: { minHealthyPercentage: 90 } },
      mixedInstancesPolicy: {
        instancesDistribution: { onDemandPercentageAboveBaseCapacity: 50 },
        launchTemplate: {
          launchTemplateSpecification: { version: "$Latest" },
          overrides: [{ instanceType: "m7g.xlarge" }, { instanceType: "m6g.xlarge" }, { instanceType: "m6gd.xlarge" }],
        },
      },
    },
    ignoreChanges: ["desiredCapacity"],
  });
  // Their change replaces the instances.
  const keys = (cloudPool.inputs.tags as { key: string }[]).map(({ key }) => key);
  expect(keys).toEqual(expect.arrayContaining(["skerry:image", "skerry:instance-type", "skerry:generation"]));
  expect(keys).not.toContain("skerry:owner");
  expect(cloudPool.inputs.tags).toContainEqual({
    key: "k8s.io/cluster-autoscaler/skerry-production-tokyo",
    value: "owned",
    propagateAtLaunch: false,
  });
});

test("the API is reachable from the stated range and from NAT gateways only", () => {
  const group = recording
    .ofType("aws:ec2/securityGroup:SecurityGroup")
    .find(({ name }) => name === "tokyo-ap-northeast-1-load-balancer")!;
  const nats = recording
    .ofType("aws:ec2/eip:Eip")
    .filter(({ name }) => name.startsWith("tokyo") && name.includes("-nat-"));
  expect(nats).toHaveLength(3);
  const ingress = group.inputs.ingress as Record<string, unknown>[];
  expect(ingress.map(({ fromPort, toPort, cidrBlocks }) => ({ fromPort, toPort, cidrBlocks }))).toEqual([
    { fromPort: 6443, toPort: 6443, cidrBlocks: [RANGE, ...nats.map(({ attributes }) => `${attributes.publicIp}/32`)] },
  ]);
});

test("roles can be assumed by instances only", () => {
  for (const { inputs } of recording.ofType("aws:iam/role:Role")) {
    expect(JSON.parse(inputs.assumeRolePolicy as string)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Instances",
          Effect: "Allow",
          Principal: { Service: "ec2.amazonaws.com" },
          Action: "sts:AssumeRole",
        },
      ],
    });
  }
});

test("delivers the Kubernetes objects to every cluster", () => {
  expect(recording.ofType("skerry:delivery:Delivery")).toHaveLength(3);
  expect(recording.resources.filter(({ type }) => type.startsWith("kubernetes:")).length).toBeGreaterThan(200);
});

test("installs the programs of AWS in every cluster", () => {
  const charts = recording.resources.filter(({ type }) => type.endsWith(":HelmChart"));
  expect(charts).toHaveLength(3 * 4);
});

test("the EBS CSI driver reaches agents of the home region, and neither servers nor the data of etcd", () => {
  const reaches = (tags: unknown): boolean => Object.keys(tags as object).includes("skerry:ebs-csi");
  for (const { name, inputs } of recording.ofType("aws:ec2/launchTemplate:LaunchTemplate")) {
    const [cluster] = CLUSTERS.filter((each) => name.startsWith(each));
    const specifications = inputs.tagSpecifications as { resourceType: string; tags: object }[];
    expect(specifications.map(({ resourceType, tags }) => [resourceType, reaches(tags)])).toEqual([
      ["instance", name.startsWith(`${cluster}-${cluster}-`)],
      ["volume", false],
    ]);
  }
  const others = ["aws:ec2/instance:Instance", "aws:ebs/volume:Volume"].flatMap((type) => recording.ofType(type));
  expect(others.filter(({ inputs }) => reaches(inputs.tags))).toEqual([]);
});

test("tags of instances can be in their metadata: EC2 refuses keys with a slash", () => {
  const tags = [
    ...recording.ofType("aws:ec2/instance:Instance").map(({ inputs }) => inputs.tags as object),
    ...recording
      .ofType("aws:ec2/launchTemplate:LaunchTemplate")
      .flatMap(({ inputs }) => (inputs.tagSpecifications as { tags: object }[]).map((each) => each.tags)),
  ];
  expect(tags.length).toBeGreaterThan(30);
  expect(tags.flatMap(Object.keys).filter((key) => key.includes("/"))).toEqual([]);
});
