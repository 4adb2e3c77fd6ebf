import fc from "fast-check";

import { overlaps, parseAddressBlock } from "../../../fleet/address-block";
import { capacityOf, planAddresses } from "../../../components/nodes/aws/address-plan";
import type { AwsMachinesArgs, AwsSite } from "../../../components/nodes/aws/arguments";
import { checkCluster } from "../../../components/nodes/aws/checks";
import { flows } from "../../../components/nodes/aws/flows";
import { decodeUserData, MAX_USER_DATA_BYTES } from "../../../components/nodes/aws/user-data";
import { boundedName, nameLimits } from "../../../components/nodes/aws/names";
import type { ClusterSpec } from "../../../fleet/model";
import { checkResources } from "../../unit/aws/support/policy";
import { common, recordClusters, smallCluster } from "../../unit/aws/support/clusters";
import type { Recorded } from "../../unit/aws/support/recording";

/** Properties of the resources of generated clusters. */

const REGIONS = { alpha: "eu-central-1", beta: "eu-west-2", gamma: "us-east-1" } as const;
const region = fc.constantFrom(...Object.keys(REGIONS));
const egress = fc.constantFrom("nat" as const, "nat-per-zone" as const);
const range = fc.constantFrom("203.0.113.0/24", "198.51.100.7/32");

const args: fc.Arbitrary<AwsMachinesArgs> = fc
  .record({
    egress: fc.tuple(egress, egress, egress),
    mask: fc.integer({ min: 18, max: 22 }),
    zones: fc.constantFrom(["a", "b", "c"], ["a", "b", "c", "d"]),
    publicRanges: fc.uniqueArray(range),
    hasZone: fc.boolean(),
  })
  .map(({ egress: egresses, mask, zones, publicRanges, hasZone }) => ({
    ...common,
    sites: Object.fromEntries(
      Object.entries(REGIONS).map(([name, aws], index): [string, AwsSite] => [
        name,
        { region: aws, cidr: `10.${64 + index}.0.0/${mask}`, zones, egress: egresses[index]! },
      ]),
    ),
    api: { publicRanges, ...(hasZone && { zone: { id: "Z0123456789ABCDEFGHIJ", name: "k3s.example.com" } }) },
  }));

const cluster: fc.Arbitrary<ClusterSpec> = fc
  .record({
    name: fc.stringMatching(/^[a-z][a-z0-9-]{0,38}[a-z0-9]$/),
    homeRegion: region,
    servers: fc.constantFrom(1 as const, 3 as const, 5 as const),
    pools: fc.array(
      fc.record({
        region,
        letter: fc.constantFrom("a", "b", "c"),
        device: fc.constantFrom("t4g.medium", "m6i.large"),
        count: fc.integer({ min: 1, max: 20 }),
      }),
      { maxLength: 4 },
    ),
  })
  .map(({ name, homeRegion, servers, pools }) => ({
    ...smallCluster,
    name,
    homeRegion,
    servers,
    nodePools: pools.map(({ region: at, letter, ...pool }, index) => ({
      ...smallCluster.nodePools[0]!,
      ...pool,
      name: `pool-${index}`,
      region: at,
      zone: `${REGIONS[at as keyof typeof REGIONS]}${letter}`,
    })),
  }));

/** Rules of a security group as one line per range or group. */
function rulesOf(group: Recorded, direction: "ingress" | "egress"): { open: string; peer: string }[] {
  const rules = group.inputs[direction] as Record<string, any>[];
  return rules.flatMap(({ protocol, fromPort, toPort, self, cidrBlocks = [], securityGroups = [] }) =>
    [...(self ? ["self"] : []), ...(cidrBlocks as string[]), ...(securityGroups as string[])].map((peer) => ({
      open: `${protocol} ${fromPort}-${toPort}`,
      peer,
    })),
  );
}

const tableOf = (mine: "from" | "to", role: string): string[] =>
  flows.filter((flow) => flow[mine] === role).map(({ protocol, ports }) => `${protocol} ${ports[0]}-${ports[1]}`);

function checkTraffic(resources: readonly Recorded[], publicRanges: readonly string[]): void {
  const groups = resources.filter(({ type }) => type === "aws:ec2/securityGroup:SecurityGroup");
  const own = resources
    .filter(({ type }) => type === "aws:ec2/vpc:Vpc")
    .map(({ inputs }) => parseAddressBlock(String(inputs.cidrBlock))!);
  const addresses = resources.map(({ attributes }) => `${attributes.publicIp}/32`);
  const isOwn = (peer: string): boolean => {
    const block = parseAddressBlock(peer);
    return block !== undefined && own.some((network) => overlaps(network, block));
  };
  for (const group of groups) {
    const role = group.name.replace(/^.*-\d-/, "").replace("-", " ");
    for (const { open, peer } of rulesOf(group, "ingress")) {
      expect(tableOf("to", role)).toContain(open);
      const isGroup = peer === "self" || groups.some(({ id }) => id === peer);
      const isStated = role === "load balancer" && publicRanges.includes(peer);
      expect({
        group: group.name,
        peer,
        known: isGroup || isStated || isOwn(peer) || addresses.includes(peer),
      }).toEqual({
        group: group.name,
        peer,
        known: true,
      });
    }
    for (const { open, peer } of rulesOf(group, "egress")) {
      expect(tableOf("from", role)).toContain(open);
      if (peer === "0.0.0.0/0") expect(open).toBe("tcp 443-443");
      else expect(isOwn(peer) || addresses.includes(peer)).toBe(true);
    }
  }
}

function checkPolicies(resources: readonly Recorded[], { name, backup }: ClusterSpec): void {
  const key = resources.find(({ type }) => type === "aws:kms/key:Key")!.attributes.arn as string;
  const bucket = `arn:aws:s3:::${backup?.s3.bucket}`;
  const prefix = `:parameter/skerry/test/${name}/`;
  const isOwn = (arn: string): boolean =>
    arn === key || arn === bucket || arn.startsWith(`${bucket}/${name}/`) || arn.includes(prefix);
  /** Actions that do not support resources. */
  const withoutResource = /^(ssm:UpdateInstanceInformation|ssmmessages:|(ec2|autoscaling):Describe)/;
  for (const { name: role, inputs } of resources.filter(({ type }) => type === "aws:iam/rolePolicy:RolePolicy")) {
    const { Statement } = JSON.parse(String(inputs.policy)) as { Statement: Record<string, any>[] };
    // AWS refuses larger policies.
    expect(String(inputs.policy).length).toBeLessThanOrEqual(10_240);
    for (const { Action, Resource, Condition } of Statement) {
      const actions = [Action].flat() as string[];
      const tags = Object.keys((Condition?.StringEquals ?? {}) as object).join();
      for (const arn of [Resource].flat() as string[]) {
        if (arn === "*") expect(actions.every((action) => withoutResource.test(action))).toBe(true);
        else if (actions.includes("ec2:CreateTags")) expect(tags).toBe("ec2:CreateAction");
        else if (/^arn:aws:(ec2|autoscaling):/.test(arn))
          expect(tags).toMatch(/(skerry:ebs-csi|cluster-autoscaler\/test-test-)/);
        else expect({ role, arn, own: isOwn(arn) }).toEqual({ role, arn, own: true });
      }
      if (actions.includes("ssm:PutParameter"))
        for (const arn of Resource as string[]) expect(arn).toMatch(/\/(births|restores)\/\*$/);
      expect(actions.some((action) => action.includes("*"))).toBe(false);
    }
    if (!role.endsWith("-server"))
      expect(String(inputs.policy)).not.toMatch(/s3:|ec2:|autoscaling:|PutParameter|server-token|tls\//);
  }
}

function checkUserData(resources: readonly Recorded[]): void {
  const all = resources
    .map(({ inputs }): unknown => inputs.userDataBase64 ?? inputs.userData)
    .filter((each) => typeof each === "string");
  expect(all.length).toBeGreaterThan(0);
  for (const encoded of all) {
    expect(Buffer.from(encoded, "base64").length).toBeLessThanOrEqual(MAX_USER_DATA_BYTES);
    const text = decodeUserData(encoded);
    expect(text).toContain("#cloud-config");
    expect(text).not.toMatch(/K10|PRIVATE KEY|\.(key|crt) of /);
  }
}

test("clusters open no port beyond the table, keep secrets out of user data, and may use only what is theirs", async () => {
  await fc.assert(
    fc.asyncProperty(cluster, args, async (spec, settings) => {
      fc.pre(checkCluster(settings, spec).length === 0);
      const { resources } = await recordClusters([spec], settings);
      const cloud = resources.filter(({ type }) => type.startsWith("aws:"));
      checkTraffic(cloud, settings.api!.publicRanges!);
      checkPolicies(cloud, spec);
      checkUserData(cloud);
      expect(checkResources(cloud)).toEqual([]);
      expect(cloud.filter(({ type, inputs }) => type.endsWith(":Instance") && inputs.associatePublicIpAddress)).toEqual(
        [],
      );
      const names = cloud.map(({ type, name }) => `${type} ${name}`);
      expect(new Set(names).size).toBe(names.length);
    }),
    { numRuns: 8 },
  );
}, 300_000);

test("subnets do not overlap, are within their network, and hold what the plan says", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 16, max: 24 }), (second, mask) => {
      const network = parseAddressBlock(`10.${second}.0.0/${mask}`)!;
      const { ranges, subnets } = planAddresses(network);
      const blocks = Object.values(subnets)
        .flat()
        .map((subnet) => parseAddressBlock(subnet)!);
      expect(blocks).toHaveLength(12);
      blocks.forEach((block, index) => {
        expect(block.first).toBeGreaterThanOrEqual(network.first);
        expect(block.first + block.size).toBeLessThanOrEqual(network.first + network.size);
        expect(blocks.slice(0, index).some((other) => overlaps(other, block))).toBe(false);
      });
      for (const role of ["agents", "servers", "public"] as const) {
        const around = parseAddressBlock(ranges[role])!;
        expect(subnets[role].every((subnet) => overlaps(around, parseAddressBlock(subnet)!))).toBe(true);
      }
      expect(capacityOf(subnets.agents[0]!)).toBe(2 ** (32 - mask - 3) - 13);
    }),
  );
});

test("names stay within the limits of AWS, and differ when clusters do", () => {
  const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,61}[a-z0-9]$/);
  fc.assert(
    fc.property(fc.uniqueArray(label, { minLength: 2, maxLength: 2 }), ([one, two]) => {
      for (const kind of Object.keys(nameLimits) as (keyof typeof nameLimits)[]) {
        expect(`${boundedName(one!, kind)}-0123456`.length).toBeLessThanOrEqual(nameLimits[kind]);
        expect(boundedName(one!, kind)).not.toBe(boundedName(two!, kind));
      }
    }),
  );
});
