import { overlapsUnknown } from "../../../policies/engine/subjects";
import type { ResourceRule } from "../../../policies/engine/rule";
import { rules } from "../../../policies/rules";
import { tagged } from "../../../policies/rules/aws-tagged";

type Props = Readonly<Record<string, unknown>>;
interface Cases {
  readonly kept: readonly (readonly [type: string, props: Props])[];
  readonly broken: readonly (readonly [type: string, props: Props, found: readonly string[]])[];
}

const instance = "aws:ec2/instance:Instance";
const template = "aws:ec2/launchTemplate:LaunchTemplate";
const group = "aws:ec2/securityGroup:SecurityGroup";
const ssh = { protocol: "tcp", fromPort: 22, toPort: 22 };

const cases: Readonly<Record<string, Cases>> = {
  "aws-buckets-private": {
    kept: [
      ["aws:s3/bucket:Bucket", {}],
      ["aws:s3/bucketAcl:BucketAcl", { acl: "private" }],
      [
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      ],
    ],
    broken: [
      ["aws:s3/bucket:Bucket", { acl: "public-read" }, ['acl: got "public-read", which others can read']],
      [
        "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
        { blockPublicAcls: true, blockPublicPolicy: false, ignorePublicAcls: true },
        ["blockPublicPolicy: got false, allowed is true", "restrictPublicBuckets: got nothing, allowed is true"],
      ],
    ],
  },
  "aws-disks-encrypted": {
    kept: [
      ["aws:ebs/volume:Volume", { encrypted: true }],
      ["aws:rds/instance:Instance", { storageEncrypted: true }],
      [instance, { rootBlockDevice: { encrypted: true }, ebsBlockDevices: [{ encrypted: true }] }],
      [instance, { launchTemplate: { id: "lt-1" } }],
      [template, { blockDeviceMappings: [{ deviceName: "/dev/sda1", ebs: { encrypted: "true" } }, { noDevice: "" }] }],
    ],
    broken: [
      ["aws:ebs/volume:Volume", {}, ["encrypted: got nothing, allowed is true"]],
      ["aws:rds/cluster:Cluster", { storageEncrypted: false }, ["storageEncrypted: got false, allowed is true"]],
      [
        instance,
        { ebsBlockDevices: [{ encrypted: true }, { encrypted: false }] },
        [
          "rootBlockDevice.encrypted: got nothing, allowed is true",
          "ebsBlockDevices[1].encrypted: got false, allowed is true",
        ],
      ],
      [
        instance,
        { launchTemplate: { id: "lt-1" }, rootBlockDevice: { volumeSize: 40 } },
        ["rootBlockDevice.encrypted: got nothing, allowed is true"],
      ],
      [template, {}, ["blockDeviceMappings: got nothing, allowed is the root disk with ebs.encrypted"]],
      [
        template,
        { blockDeviceMappings: [{ ebs: { encrypted: "false" } }] },
        ['blockDeviceMappings[0].ebs.encrypted: got "false", allowed is true'],
      ],
    ],
  },
  "aws-imdsv2": {
    kept: [
      [instance, { metadataOptions: { httpTokens: "required" } }],
      [template, { metadataOptions: { httpEndpoint: "disabled" } }],
      [instance, { launchTemplate: { id: "lt-1" } }],
    ],
    broken: [
      [instance, {}, ['metadataOptions.httpTokens: got nothing, allowed is "required"']],
      [
        template,
        { metadataOptions: { httpTokens: "optional", httpPutResponseHopLimit: 2 } },
        [
          'metadataOptions.httpTokens: got "optional", allowed is "required"',
          "metadataOptions.httpPutResponseHopLimit: got 2, allowed is 1",
        ],
      ],
    ],
  },
  "aws-no-open-ssh": {
    kept: [
      [group, { ingress: [{ ...ssh, cidrBlocks: ["10.0.0.0/8", "192.0.2.7/32"] }] }],
      [group, { ingress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"] }] }],
      [group, { ingress: [{ protocol: "udp", fromPort: 0, toPort: 65535, cidrBlocks: ["0.0.0.0/0"] }] }],
      ["aws:ec2/securityGroupRule:SecurityGroupRule", { type: "egress", protocol: "-1", cidrBlocks: ["0.0.0.0/0"] }],
      ["aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", { ipProtocol: "tcp", fromPort: 22, toPort: 22 }],
    ],
    broken: [
      [
        group,
        {
          ingress: [
            { protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"] },
            { ...ssh, cidrBlocks: ["10.0.0.0/8", "0.0.0.0/0"], ipv6CidrBlocks: ["::/0"] },
          ],
        },
        [
          "ingress[1].cidrBlocks[1]: lets 0.0.0.0/0 in at port 22",
          "ingress[1].ipv6CidrBlocks[0]: lets ::/0 in at port 22",
        ],
      ],
      [
        group,
        { ingress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/1"] }] },
        ["ingress[0].cidrBlocks[0]: lets 0.0.0.0/1 in at port 22"],
      ],
      [
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        { type: "ingress", protocol: "6", fromPort: 0, toPort: 65535, cidrBlocks: ["0.0.0.0/0"] },
        ["cidrBlocks[0]: lets 0.0.0.0/0 in at port 22"],
      ],
      [
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        { ipProtocol: "-1", cidrIpv6: "::/0" },
        ["cidrIpv6: lets ::/0 in at port 22"],
      ],
    ],
  },
  "aws-private-subnets": {
    kept: [
      [instance, {}],
      ["aws:ec2/subnet:Subnet", { mapPublicIpOnLaunch: false }],
    ],
    broken: [
      [
        instance,
        { associatePublicIpAddress: true },
        ["associatePublicIpAddress: gives a public address, allowed is none"],
      ],
      [
        "aws:ec2/subnet:Subnet",
        { mapPublicIpOnLaunch: true },
        ["mapPublicIpOnLaunch: gives a public address, allowed is none"],
      ],
      [
        template,
        { networkInterfaces: [{}, { associatePublicIpAddress: "true" }] },
        ["networkInterfaces[1].associatePublicIpAddress: gives a public address, allowed is none"],
      ],
    ],
  },
  "aws-tagged": {
    kept: [
      [instance, { tags: { "skerry:fleet": "local" } }],
      [instance, { tagsAll: { "skerry:fleet": "local" } }],
      ["aws:autoscaling/group:Group", { tags: [{ key: "skerry:fleet", value: "local", propagateAtLaunch: true }] }],
    ],
    broken: [
      [instance, { tags: { Name: "a" } }, ['tags["skerry:fleet"]: missing: nothing says what it belongs to']],
      ["aws:s3/bucket:Bucket", {}, ['tags["skerry:fleet"]: missing: nothing says what it belongs to']],
    ],
  },
  "aws-user-data-clean": {
    kept: [
      [instance, { userData: "#cloud-config\nruncmd: [aws ssm get-parameter --name agent-token]\n" }],
      [template, { userData: Buffer.from("#!/bin/sh\nexec k3s agent\n").toString("base64") }],
      [instance, {}],
    ],
    broken: [
      [
        instance,
        { userData: `token: K10${"0a".repeat(32)}::server:secret` },
        ["userData: holds what looks like a K3s token"],
      ],
      [
        template,
        { userData: Buffer.from("-----BEGIN EC PRIVATE KEY-----\n").toString("base64") },
        ["userData: holds what looks like a private key"],
      ],
    ],
  },
};

const resourceRules = rules.filter((rule): rule is ResourceRule => rule.subject === "resource");
const told = (rule: ResourceRule, type: string, props: Props): string[] => {
  expect(rule.types).toContain(type);
  return rule.check({ type, name: "example", props }).map(({ path, message }) => `${path}: ${message}`);
};

test("every rule has resources that keep it and that break it", () => {
  expect(Object.keys(cases).sort()).toEqual(resourceRules.map(({ id }) => id).sort());
  for (const { kept, broken } of Object.values(cases)) {
    expect(kept.length).toBeGreaterThan(0);
    expect(broken.length).toBeGreaterThan(0);
  }
});

describe.each(resourceRules.map((rule) => [rule.id, rule] as const))("%s", (id, rule) => {
  test.each(cases[id]!.kept)("is kept by %s %o", (type, props) => expect(told(rule, type, props)).toEqual([]));
  test.each(cases[id]!.broken)("is broken by %s %o", (type, props, found) =>
    expect(told(rule, type, props)).toEqual(found),
  );

  test("what is missing is told where the value that is not known yet would be", () => {
    // A resource of which nothing is known: what is said of it must be about something that is not known.
    for (const type of rule.types) {
      const found = rule.check({ type, name: "example", props: {} });
      for (const { path } of found) {
        const field = /^\w+/.exec(path)![0];
        expect(overlapsUnknown(path, [field])).toBe(true);
      }
    }
  });
});

test("a team asks for tags of its own", () => {
  const rule = tagged(["owner", "environment"]);
  expect(told(rule, instance, { tags: { owner: "edge" } })).toEqual([
    "tags.environment: missing: nothing says what it belongs to",
  ]);
});
