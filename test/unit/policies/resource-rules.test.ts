import { mayBeUnknown } from "../../../policies/plan/known";
import type { ResourceRule } from "../../../policies/engine/rule";
import { rules } from "../../../policies/rules";
import { requireTags } from "../../../policies/rules/aws-required-tags";

type Props = Readonly<Record<string, unknown>>;
interface Cases {
  readonly valid: readonly (readonly [type: string, props: Props])[];
  readonly invalid: readonly (readonly [type: string, props: Props, found: readonly string[]])[];
}

const instance = "aws:ec2/instance:Instance";
const template = "aws:ec2/launchTemplate:LaunchTemplate";
const group = "aws:ec2/securityGroup:SecurityGroup";
const ssh = { protocol: "tcp", fromPort: 22, toPort: 22 };

const cases: Readonly<Record<string, Cases>> = {
  "aws-buckets-private": {
    valid: [
      ["aws:s3/bucket:Bucket", {}],
      ["aws:s3/bucketAcl:BucketAcl", { acl: "private" }],
      [
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      ],
    ],
    invalid: [
      ["aws:s3/bucket:Bucket", { acl: "public-read" }, ['acl: got "public-read", must be a private ACL']],
      [
        "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
        { blockPublicAcls: true, blockPublicPolicy: false, ignorePublicAcls: true },
        ["blockPublicPolicy: got false, must be true", "restrictPublicBuckets: got nothing, must be true"],
      ],
    ],
  },
  "aws-disks-encrypted": {
    valid: [
      ["aws:ebs/volume:Volume", { encrypted: true }],
      ["aws:rds/instance:Instance", { storageEncrypted: true }],
      [instance, { rootBlockDevice: { encrypted: true }, ebsBlockDevices: [{ encrypted: true }] }],
      [instance, { launchTemplate: { id: "lt-1" } }],
      [template, { blockDeviceMappings: [{ deviceName: "/dev/sda1", ebs: { encrypted: "true" } }, { noDevice: "" }] }],
    ],
    invalid: [
      ["aws:ebs/volume:Volume", {}, ["encrypted: got nothing, must be true"]],
      ["aws:rds/cluster:Cluster", { storageEncrypted: false }, ["storageEncrypted: got false, must be true"]],
      [
        instance,
        { ebsBlockDevices: [{ encrypted: true }, { encrypted: false }] },
        [
          "rootBlockDevice.encrypted: got nothing, must be true",
          "ebsBlockDevices[1].encrypted: got false, must be true",
        ],
      ],
      [
        instance,
        { launchTemplate: { id: "lt-1" }, rootBlockDevice: { volumeSize: 40 } },
        ["rootBlockDevice.encrypted: got nothing, must be true"],
      ],
      [template, {}, ["blockDeviceMappings: got nothing, must contain the root disk with ebs.encrypted: true"]],
      [
        template,
        { blockDeviceMappings: [{ ebs: { encrypted: "false" } }] },
        ['blockDeviceMappings[0].ebs.encrypted: got "false", must be true'],
      ],
    ],
  },
  "aws-imdsv2": {
    valid: [
      [instance, { metadataOptions: { httpTokens: "required" } }],
      [template, { metadataOptions: { httpEndpoint: "disabled" } }],
      [instance, { launchTemplate: { id: "lt-1" } }],
    ],
    invalid: [
      [instance, {}, ['metadataOptions.httpTokens: got nothing, must be "required"']],
      [
        template,
        { metadataOptions: { httpTokens: "optional", httpPutResponseHopLimit: 2 } },
        [
          'metadataOptions.httpTokens: got "optional", must be "required"',
          "metadataOptions.httpPutResponseHopLimit: got 2, must be at most 1",
        ],
      ],
    ],
  },
  "aws-no-open-ssh": {
    valid: [
      [group, { ingress: [{ ...ssh, cidrBlocks: ["10.0.0.0/8", "192.0.2.7/32"] }] }],
      [group, { ingress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"] }] }],
      [group, { ingress: [{ protocol: "udp", fromPort: 0, toPort: 65535, cidrBlocks: ["0.0.0.0/0"] }] }],
      ["aws:ec2/securityGroupRule:SecurityGroupRule", { type: "egress", protocol: "-1", cidrBlocks: ["0.0.0.0/0"] }],
      ["aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", { ipProtocol: "tcp", fromPort: 22, toPort: 22 }],
    ],
    invalid: [
      [
        group,
        {
          ingress: [
            { protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"] },
            { ...ssh, cidrBlocks: ["10.0.0.0/8", "0.0.0.0/0"], ipv6CidrBlocks: ["::/0"] },
          ],
        },
        [
          'ingress[1].cidrBlocks[1]: got "0.0.0.0/0", must not open port 22 to the internet',
          'ingress[1].ipv6CidrBlocks[0]: got "::/0", must not open port 22 to the internet',
        ],
      ],
      [
        group,
        { ingress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/1"] }] },
        ['ingress[0].cidrBlocks[0]: got "0.0.0.0/1", must not open port 22 to the internet'],
      ],
      [
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        { type: "ingress", protocol: "6", fromPort: 0, toPort: 65535, cidrBlocks: ["0.0.0.0/0"] },
        ['cidrBlocks[0]: got "0.0.0.0/0", must not open port 22 to the internet'],
      ],
      [
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        { ipProtocol: "-1", cidrIpv6: "::/0" },
        ['cidrIpv6: got "::/0", must not open port 22 to the internet'],
      ],
    ],
  },
  "aws-no-public-ips": {
    valid: [
      [instance, {}],
      ["aws:ec2/subnet:Subnet", { mapPublicIpOnLaunch: false }],
    ],
    invalid: [
      [instance, { associatePublicIpAddress: true }, ["associatePublicIpAddress: got true, must be false"]],
      ["aws:ec2/subnet:Subnet", { mapPublicIpOnLaunch: true }, ["mapPublicIpOnLaunch: got true, must be false"]],
      [
        template,
        { networkInterfaces: [{}, { associatePublicIpAddress: "true" }] },
        ['networkInterfaces[1].associatePublicIpAddress: got "true", must be false'],
      ],
    ],
  },
  "aws-required-tags": {
    valid: [
      [instance, { tags: { "skerry:fleet": "local" } }],
      [instance, { tagsAll: { "skerry:fleet": "local" } }],
      ["aws:autoscaling/group:Group", { tags: [{ key: "skerry:fleet", value: "local", propagateAtLaunch: true }] }],
    ],
    invalid: [
      [instance, { tags: { Name: "a" } }, ['tags["skerry:fleet"]: required tag is missing']],
      ["aws:s3/bucket:Bucket", {}, ['tags["skerry:fleet"]: required tag is missing']],
    ],
  },
  "aws-no-secrets-in-user-data": {
    valid: [
      [instance, { userData: "#cloud-config\nruncmd: [aws ssm get-parameter --name agent-token]\n" }],
      [template, { userData: Buffer.from("#!/bin/sh\nexec k3s agent\n").toString("base64") }],
      [instance, {}],
    ],
    invalid: [
      [
        instance,
        { userData: `token: K10${"0a".repeat(32)}::server:secret` },
        ["userData: contains what looks like a K3s token"],
      ],
      [
        template,
        { userData: Buffer.from("-----BEGIN EC PRIVATE KEY-----\n").toString("base64") },
        ["userData: contains what looks like a private key"],
      ],
    ],
  },
};

const resourceRules = rules.filter((rule): rule is ResourceRule => rule.subject === "resource");
const findViolations = (rule: ResourceRule, type: string, props: Props): string[] => {
  expect(rule.types).toContain(type);
  return rule.check({ type, name: "example", props }).map(({ path, message }) => `${path}: ${message}`);
};

test("every resource rule has valid and invalid examples", () => {
  expect(Object.keys(cases).sort()).toEqual(resourceRules.map(({ id }) => id).sort());
  for (const { valid, invalid } of Object.values(cases)) {
    expect(valid.length).toBeGreaterThan(0);
    expect(invalid.length).toBeGreaterThan(0);
  }
});

describe.each(resourceRules.map((rule) => [rule.id, rule] as const))("%s", (id, rule) => {
  test.each(cases[id]!.valid)("accepts %s %o", (type, props) => expect(findViolations(rule, type, props)).toEqual([]));
  test.each(cases[id]!.invalid)("rejects %s %o", (type, props, found) =>
    expect(findViolations(rule, type, props)).toEqual(found),
  );

  test("reports missing values at the path of values that are not known yet", () => {
    // No property of the resource is known yet, so every violation must be at the path of an unknown value.
    for (const type of rule.types) {
      const found = rule.check({ type, name: "example", props: {} });
      for (const { path } of found) {
        const field = /^\w+/.exec(path)![0];
        expect(mayBeUnknown(path, { value: {}, unknown: [field] })).toBe(true);
      }
    }
  });
});

test("requireTags requires the given tags", () => {
  const rule = requireTags(["owner", "environment"]);
  expect(findViolations(rule, instance, { tags: { owner: "edge" } })).toEqual([
    "tags.environment: required tag is missing",
  ]);
});
