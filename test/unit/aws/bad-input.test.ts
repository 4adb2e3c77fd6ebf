import { randomBytes } from "node:crypto";

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

import type { AwsMachinesArgs, AwsPoolOptions, AwsSite } from "../../../components/nodes/aws/arguments";
import { checkArguments, checkCluster } from "../../../components/nodes/aws/checks";
import { AwsMachines } from "../../../components/nodes/aws/machines";
import { checkAgainstAws } from "../../../components/nodes/aws/offerings";
import { decodeUserData, encodeUserData, MAX_USER_DATA_BYTES } from "../../../components/nodes/aws/user-data";
import type { ClusterSpec } from "../../../fleet/model";
import { gateways } from "../../fixtures/edge-fleet";
import { common, smallCluster } from "./support/clusters";
import { callAws, world } from "./support/invokes";

const home: AwsSite = { region: "eu-central-1", cidr: "10.64.0.0/20" };
const remote: AwsSite = { region: "eu-west-2", cidr: "10.65.0.0/20" };

const argsWith = (changes: Partial<AwsMachinesArgs> = {}, sites: Record<string, AwsSite> = { frankfurt: home }) => ({
  ...common,
  sites,
  ...changes,
});
const pool = smallCluster.nodePools[0]!;
const withPool = (changes: Partial<typeof pool>, rest: Partial<ClusterSpec> = {}): ClusterSpec => ({
  ...smallCluster,
  ...rest,
  nodePools: [{ ...pool, ...changes }],
});
const optionsFor = (options: AwsPoolOptions): AwsMachinesArgs =>
  argsWith({ pools: { "frankfurt/frankfurt-cloud": options } });

test("accepts a valid cluster", () => {
  expect(checkArguments(argsWith())).toEqual([]);
  expect(checkCluster(argsWith(), smallCluster)).toEqual([]);
});

test("reports every problem of the arguments at once", () => {
  const bad = argsWith(
    { accountId: "12", environment: "Prod", api: { publicRanges: ["anywhere", "10.0.0.0/33"] } },
    { frankfurt: { region: "eu-central-1", cidr: "10.64.0.0/25", zones: ["a", "a"] }, london: { region: "eu-west-2" } },
  );
  expect(checkArguments(bad).map(({ path, message }) => `${path}: ${message}`)).toEqual([
    'sites.frankfurt.cidr: must be a range with a mask of 16 to 24, such as 10.64.0.0/20, got "10.64.0.0/25"',
    "sites.frankfurt.zones: must be 1 to 4 different letters, got a, a",
    "sites.london.cidr: must be a range with a mask of 16 to 24, such as 10.64.0.0/20, got nothing",
    'accountId: must be 12 digits, got "12"',
    'environment: must contain only lower-case letters, digits and -, got "Prod"',
    'api.publicRanges[0]: must be an address range, such as 203.0.113.0/24, got "anywhere"',
    'api.publicRanges[1]: must be an address range, such as 203.0.113.0/24, got "10.0.0.0/33"',
  ]);
  expect(() => new AwsMachines(bad)).toThrow("accountId");
});

const cases: readonly [string, AwsMachinesArgs, ClusterSpec, string, RegExp][] = [
  ["an unknown site", argsWith(), { ...smallCluster, homeRegion: "tokyo" }, "homeRegion", /unknown AWS site "tokyo"/],
  [
    "edge agents on instances",
    argsWith(),
    { ...smallCluster, edgeAgents: [{ ...gateways, nodePools: [pool.name] }] },
    "edgeAgents[0].nodePools[0]",
    /must not be a pool of instances.*got "frankfurt-cloud"/,
  ],
  [
    "a pool in an unknown site",
    argsWith(),
    withPool({ region: "paris", zone: "eu-west-3a" }),
    "nodePools[0].region",
    /unknown AWS site "paris"/,
  ],
  [
    "pods that overlap with the network",
    argsWith(),
    { ...smallCluster, clusterCidr: "10.64.0.0/16" },
    "clusterCidr",
    /must not overlap with the network in eu-central-1 \(10\.64\.0\.0\/20\)/,
  ],
  [
    "services that overlap with the network",
    argsWith(),
    { ...smallCluster, serviceCidr: "10.64.8.0/22" },
    "serviceCidr",
    /must not overlap/,
  ],
  [
    "networks that overlap",
    argsWith({}, { frankfurt: home, london: { ...remote, cidr: "10.64.8.0/22" } }),
    withPool({ region: "london", zone: "eu-west-2a" }),
    "homeRegion",
    /the network in eu-west-2 \(10\.64\.8\.0\/22\) must not overlap with the network in eu-central-1/,
  ],
  [
    "regions that share an AWS region",
    argsWith({}, { frankfurt: home, offenbach: { ...home, cidr: "10.65.0.0/20" } }),
    withPool({ region: "offenbach", zone: "eu-central-1a" }),
    "nodePools[0].region",
    /is eu-central-1, like region "frankfurt"/,
  ],
  [
    "too few zones",
    argsWith({}, { frankfurt: { ...home, zones: ["a", "b"] } }),
    smallCluster,
    "servers",
    /got 3, must be 1 with 2 availability zones/,
  ],
  [
    "a pool larger than its subnet",
    argsWith({}, { frankfurt: { ...home, cidr: "10.64.0.0/24" } }),
    withPool({ count: 20 }),
    "nodePools[0].count",
    /must fit into subnet 10\.64\.0\.32\/27 of zone eu-central-1b, got 20: it has room for 19 instances/,
  ],
  [
    "a pool that may grow beyond its subnet",
    { ...optionsFor({ max: 600 }) },
    smallCluster,
    "nodePools[0].count",
    /got 600: it has room for 499/,
  ],
  [
    "an existing cluster",
    argsWith(),
    { ...smallCluster, kubeconfig: { path: "/etc/kubeconfig" } },
    "kubeconfig",
    /must not be set for a cluster that Skerry creates/,
  ],
  [
    "default images without checksums of K3s",
    argsWith({ images: { arm64: { id: "ami-1" } } }),
    { ...smallCluster, k3s: {} },
    "k3s.sha256",
    /must have the SHA-256 of the binary for amd64, .*copy it from sha256sum-amd64\.txt/,
  ],
  [
    "snapshots in another region",
    argsWith(),
    { ...smallCluster, backup: { ...smallCluster.backup!, s3: { bucket: "snapshots", region: "eu-west-2" } } },
    "backup.s3.region",
    /must be "eu-central-1", the home region, where the bucket is created, got "eu-west-2"/,
  ],
  [
    "snapshots in another service",
    argsWith(),
    {
      ...smallCluster,
      backup: { ...smallCluster.backup!, s3: { ...smallCluster.backup!.s3, endpoint: "s3.example" } },
    },
    "backup.s3.endpoint",
    /must not be set, got "s3.example"/,
  ],
  [
    "a device that is no instance type",
    argsWith(),
    withPool({ device: "raspberry-pi-4" }),
    "nodePools[0].device",
    /must be an EC2 instance type/,
  ],
  [
    "a server that is no instance type",
    argsWith(),
    { ...smallCluster, serverDevice: "iot-gateway-x86" },
    "serverDevice",
    /must be an EC2 instance type/,
  ],
  [
    "mixed architectures",
    optionsFor({ instanceTypes: ["t4g.medium"] }),
    smallCluster,
    "nodePools[0].device",
    /t4g\.medium is arm64, and t3\.medium is amd64/,
  ],
  [
    "a zone that the site does not have",
    argsWith(),
    withPool({ zone: "eu-central-1d" }),
    "nodePools[0].zone",
    /must be one of: eu-central-1a, eu-central-1b, eu-central-1c/,
  ],
  [
    "a zone that is not named as in AWS",
    argsWith(),
    withPool({ zone: "frankfurt-b" }),
    "nodePools[0].zone",
    /must be one of: eu-central-1a, .* got "frankfurt-b"/,
  ],
  [
    "a long name",
    argsWith(),
    withPool({ name: "p".repeat(46) }),
    "nodePools[0].name",
    /must be at most 45 characters, got 46/,
  ],
  [
    "a count outside the limits",
    optionsFor({ min: 3, max: 5 }),
    smallCluster,
    "nodePools[0].count",
    /must be between the pool's min and max, 3 and 5, got 2/,
  ],
  [
    "a share that is no percentage",
    optionsFor({ spotPercentage: 101 }),
    smallCluster,
    "nodePools[0].name",
    /spotPercentage must be an integer from 0 to 100/,
  ],
  [
    "a public API without internet",
    argsWith({ api: { publicRanges: ["203.0.113.0/24"] } }, { frankfurt: { ...home, egress: "endpoints" } }),
    smallCluster,
    "homeRegion",
    /must have a NAT gateway: without one, its nodes cannot reach an internet-facing load balancer/,
  ],
  [
    "a remote network without internet",
    argsWith({}, { frankfurt: home, london: { ...remote, egress: "endpoints" } }),
    withPool({ region: "london", zone: "eu-west-2a" }),
    "homeRegion",
    /VPC endpoints do not reach the parameters/,
  ],
];

test.each(cases)("refuses %s", (_name, args, cluster, path, message) => {
  expect(checkCluster(args, cluster)).toContainEqual({ path, message: expect.stringMatching(message) });
});

test("refuses two clusters with the same bucket", () => {
  const machines = new AwsMachines(argsWith());
  expect(machines.validate(smallCluster)).toEqual([]);
  expect(machines.validate({ ...smallCluster, name: "second" })).toEqual([
    { path: "backup.s3.bucket", message: expect.stringContaining("the bucket of cluster frankfurt") as unknown },
  ]);
  expect(machines.validate(smallCluster)).toEqual([]);
});

describe("against AWS", () => {
  let provider: aws.Provider;
  const check = (args: AwsMachinesArgs, cluster: ClusterSpec) => checkAgainstAws(args, cluster, () => provider);

  beforeAll(async () => {
    await pulumi.runtime.setMocks({
      newResource: ({ name }) => ({ id: name, state: {} }),
      call: ({ token, inputs }) => callAws(token, inputs as Record<string, unknown>, "eu-central-1"),
    });
    provider = new aws.Provider("aws-eu-central-1", { region: "eu-central-1" });
  });

  afterEach(() => Object.assign(world, { offers: () => true, images: {} }));

  test("refuses instance types that a zone does not offer, and names where they are", async () => {
    world.offers = (type, zone) => type !== "t3.medium" || zone.endsWith("a");
    expect(await check(argsWith(), smallCluster)).toEqual([
      {
        path: "nodePools[0].device",
        message: "t3.medium must be offered in eu-central-1b: AWS offers it in eu-central-1a",
      },
    ]);
    world.offers = (type) => type !== "t4g.medium";
    expect(await check(argsWith(), smallCluster)).toEqual([
      {
        path: "serverDevice",
        message:
          "t4g.medium must be offered in eu-central-1a, eu-central-1b, eu-central-1c: AWS offers it nowhere in eu-central-1",
      },
    ]);
  });

  test("refuses images that do not exist, have another architecture or another root device", async () => {
    const images = { amd64: { id: "ami-1" }, arm64: { id: "ami-2" } };
    world.images = { "ami-2": { architecture: "x86_64", rootDeviceName: "/dev/xvda" } };
    expect((await check(argsWith({ images }), smallCluster)).map(({ message }) => message)).toEqual([
      "image ami-2 must have architecture arm64, got x86_64",
      "image ami-2 must have the root device /dev/sda1, got /dev/xvda",
      "image ami-1 must exist in eu-central-1, and be owned by this account or by Amazon",
    ]);
    world.images = {
      "ami-1": { architecture: "x86_64", rootDeviceName: "/dev/sda1" },
      "ami-2": { architecture: "arm64", rootDeviceName: "/dev/sda1" },
    };
    expect(await check(argsWith({ images }), smallCluster)).toEqual([]);
  });
});

describe("user data", () => {
  /** Text that no compression makes smaller than three quarters. */
  const random = (bytes: number): string => Buffer.from(randomBytes(bytes)).toString("base64");

  test("is compressed to the same bytes everywhere", () => {
    const text = "#cloud-config\n" + "é".repeat(MAX_USER_DATA_BYTES);
    const encoded = encodeUserData("tokyo-server-1", text);
    expect(decodeUserData(encoded)).toBe(text);
    // Neither a time nor an operating system.
    expect(Buffer.from(encoded, "base64").subarray(4, 10)).toEqual(Buffer.from([0, 0, 0, 0, 2, 255]));
  });

  test("is refused if it is larger than EC2 accepts", () => {
    expect(() => encodeUserData("tokyo-server-1", random(MAX_USER_DATA_BYTES))).toThrow(
      /^user data of tokyo-server-1: must be at most 16384 bytes when compressed, got 1\d{4}$/,
    );
    expect(encodeUserData("tokyo-server-1", random(MAX_USER_DATA_BYTES * 0.9))).not.toBe("");
  });
});
