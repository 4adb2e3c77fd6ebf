import { type AddressBlock, overlaps, parseAddressBlock } from "../../../fleet/address-block";
import type { ClusterSpec, NodePoolSpec } from "../../../fleet/model";
import { describeUnknown, formatPath, formatValue, type Problem } from "../../../fleet/problem";
import { refuseExistingCluster } from "../machines";
import { capacityOf, MAX_ZONES, NETWORK_MASKS, planAddresses } from "./address-plan";
import type { AwsMachinesArgs, AwsSite } from "./arguments";
import { architectureOf, isInstanceType } from "./instance-type";
import { MAX_POOL_NAME } from "./names";
import { checkArchives, checkPrograms } from "./programs";
import { limitsOf, regionsOf, siteZones, zoneLetter, zoneNames } from "./sites";

type Path = readonly PropertyKey[];

const problem = (path: Path, message: string): Problem => ({ path: formatPath(path), message });

function checkSite(path: Path, site: AwsSite): Problem[] {
  const { cidr, network } = site;
  const zones = siteZones(site);
  const problems: Problem[] = [];
  const block = cidr === undefined ? undefined : parseAddressBlock(cidr);
  const { min, max } = NETWORK_MASKS;
  if (network === undefined && (!block || block.mask < min || block.mask > max)) {
    const message = `must be a range with a mask of ${min} to ${max}, such as 10.64.0.0/20, got ${formatValue(cidr)}`;
    problems.push(problem([...path, "cidr"], message));
  }
  if (zones.length === 0 || zones.length > MAX_ZONES || new Set(zones).size < zones.length) {
    const message = `must be 1 to ${MAX_ZONES} different letters, got ${zones.join(", ") || "none"}`;
    problems.push(problem([...path, "zones"], message));
  }
  return problems;
}

/** Returns the problems of the arguments as a whole, with paths relative to them. */
export function checkArguments(args: AwsMachinesArgs): Problem[] {
  const { accountId, sites, api, environment } = args;
  const problems = [
    ...Object.entries(sites).flatMap(([name, site]) => checkSite(["sites", name], site)),
    ...checkArchives(args),
  ];
  if (!/^\d{12}$/.test(accountId)) {
    problems.push(problem(["accountId"], `must be 12 digits, got ${formatValue(accountId)}`));
  }
  if (!/^[a-z0-9][a-z0-9-]*$/.test(environment)) {
    const message = `must contain only lower-case letters, digits and -, got ${formatValue(environment)}`;
    problems.push(problem(["environment"], message));
  }
  for (const [index, range] of (api?.publicRanges ?? []).entries()) {
    if (!isAddressRange(range)) {
      const message = `must be an address range, such as 203.0.113.0/24, got ${formatValue(range)}`;
      problems.push(problem(["api", "publicRanges", index], message));
    }
  }
  return problems;
}

/** Reports whether a text is an IPv4 range. A single address is the range /32, which networks do not have. */
function isAddressRange(text: string): boolean {
  const [address, mask] = text.split("/");
  const octets = (address ?? "").split(".");
  return (
    octets.length === 4 &&
    octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) < 256) &&
    /^\d{1,2}$/.test(mask ?? "") &&
    Number(mask) <= 32
  );
}

interface Range {
  readonly name: string;
  readonly path: Path;
  readonly block: AddressBlock;
}

/** The ranges that the nodes of a cluster route to: its networks, pods and services. */
function rangesOf(cluster: ClusterSpec, sites: ReadonlyMap<string, AwsSite>): Range[] {
  const networks = [...sites.values()].flatMap(({ region, cidr, network }) =>
    network
      ? [...network.agents, ...(network.servers ?? []), ...(network.public ?? [])].map((subnet) => ({
          name: `the subnet ${subnet.id}`,
          text: subnet.cidr,
          path: ["homeRegion"],
        }))
      : [{ name: `the network in ${region}`, text: cidr ?? "", path: ["homeRegion"] }],
  );
  const all = [
    ...networks,
    { name: "clusterCidr", text: cluster.clusterCidr, path: ["clusterCidr"] },
    { name: "serviceCidr", text: cluster.serviceCidr, path: ["serviceCidr"] },
  ];
  return all.flatMap(({ name, text, path }) => {
    const block = parseAddressBlock(text);
    return block ? [{ name: `${name} (${text})`, path, block }] : [];
  });
}

function checkOverlaps(cluster: ClusterSpec, sites: ReadonlyMap<string, AwsSite>): Problem[] {
  const ranges = rangesOf(cluster, sites);
  return ranges.flatMap(({ name, path, block }, index) =>
    ranges
      .slice(0, index)
      .filter((other) => overlaps(other.block, block))
      .map((other) => problem(path, `${name} must not overlap with ${other.name}`)),
  );
}

/** Checks that regions of the fleet do not share an AWS region in a cluster, where their networks would collide. */
function checkRegions(sites: ReadonlyMap<string, AwsSite>, cluster: ClusterSpec): Problem[] {
  return cluster.nodePools.flatMap(({ region }, index) => {
    const site = sites.get(region);
    const [first] = [...sites].find(([, other]) => other.region === site?.region) ?? [];
    if (!site || first === region) return [];
    const message = `must not be ${formatValue(region)}: it is ${site.region}, like region ${formatValue(first)} of the cluster`;
    return [problem(["nodePools", index, "region"], message)];
  });
}

function checkPool(args: AwsMachinesArgs, cluster: ClusterSpec, pool: NodePoolSpec, path: Path): Problem[] {
  const { region, zone, name, device } = pool;
  const site = args.sites[region];
  const problems: Problem[] = [];
  const report = (key: string, message: string): void => void problems.push(problem([...path, key], message));
  if (name.length > MAX_POOL_NAME) {
    report(
      "name",
      `must be at most ${MAX_POOL_NAME} characters, got ${name.length}: nodes are named <pool>-<id of the instance>`,
    );
  }
  const options = args.pools?.[`${cluster.name}/${name}`] ?? {};
  const { instanceTypes = [], minHealthyPercentage, spotPercentage } = options;
  if (!isInstanceType(device)) {
    report("device", `must be an EC2 instance type, such as m7g.large, got ${formatValue(device)}`);
  } else {
    for (const type of instanceTypes) {
      if (!isInstanceType(type))
        report("device", `further instance type ${formatValue(type)} must be an EC2 instance type`);
      else if (architectureOf(type) !== architectureOf(device)) {
        const architectures = `${type} is ${architectureOf(type)}, and ${device} is ${architectureOf(device)}`;
        report("device", `further instance types must have the architecture of the pool: ${architectures}`);
      }
    }
  }
  const { min, max } = limitsOf(pool, options);
  if (min > pool.count || max < pool.count) {
    report("count", `must be between the pool's min and max, ${min} and ${max}, got ${pool.count}`);
  }
  for (const [key, value] of Object.entries({ minHealthyPercentage, spotPercentage })) {
    if (value !== undefined && (!Number.isInteger(value) || value < 0 || value > 100)) {
      report("name", `${key} must be an integer from 0 to 100, got ${formatValue(value)}`);
    }
  }
  if (site && zoneLetter(site, zone) === undefined) {
    report("zone", `must be one of: ${zoneNames(site).join(", ")}, got ${formatValue(zone)}`);
  }
  return problems;
}

/** Checks that the pools of each subnet fit into it at their largest. */
function checkSubnets(args: AwsMachinesArgs, cluster: ClusterSpec): Problem[] {
  const used = new Map<string, number>();
  return cluster.nodePools.flatMap((pool, index) => {
    const site = args.sites[pool.region];
    const letter = site && zoneLetter(site, pool.zone);
    if (!site || letter === undefined) return [];
    const block = site.cidr === undefined ? undefined : parseAddressBlock(site.cidr);
    const subnet = site.network
      ? site.network.agents.find(({ zone }) => zone === letter)?.cidr
      : block && planAddresses(block).subnets.agents[siteZones(site).indexOf(letter)];
    if (subnet === undefined) return [];
    const { max } = limitsOf(pool, args.pools?.[`${cluster.name}/${pool.name}`] ?? {});
    const key = `${site.region} ${letter}`;
    const before = used.get(key) ?? 0;
    used.set(key, before + max);
    const room = capacityOf(subnet);
    if (before + max <= room) return [];
    const others = before > 0 ? `, and ${before} are taken by pools before it` : "";
    const remedy = "widen the cidr of the site, or use another zone";
    const message = `must fit into subnet ${subnet} of zone ${pool.zone}, got ${max}: it has room for ${room} instances${others}: ${remedy}`;
    return [problem(["nodePools", index, "count"], message)];
  });
}

function checkHome(args: AwsMachinesArgs, cluster: ClusterSpec, home: AwsSite): Problem[] {
  const problems: Problem[] = [];
  const zones = home.network ? [...new Set(home.network.servers?.map(({ zone }) => zone))] : siteZones(home);
  // With fewer than three zones, the loss of one can cost the quorum.
  if (cluster.servers > 1 && zones.length < 3) {
    const message = `got ${cluster.servers}, must be 1 with ${zones.length} availability zones in ${home.region}: more servers need at least 3 zones, so that the loss of one leaves a quorum`;
    problems.push(problem(["servers"], message));
  }
  if (!isInstanceType(cluster.serverDevice)) {
    const message = `must be an EC2 instance type, such as m6i.large, got ${formatValue(cluster.serverDevice)}`;
    problems.push(problem(["serverDevice"], message));
  }
  const isPublic = (args.api?.publicRanges ?? []).length > 0;
  for (const region of regionsOf(cluster)) {
    const site = args.sites[region];
    if (!site || site.egress !== "endpoints") continue;
    if (isPublic) {
      const message = `the network in ${site.region} must have a NAT gateway: without one, its nodes cannot reach an internet-facing load balancer`;
      problems.push(problem(["homeRegion"], message));
    } else if (site.region !== home.region) {
      const message = `the network in ${site.region} must have a NAT gateway: VPC endpoints do not reach the parameters of the cluster in ${home.region}`;
      problems.push(problem(["homeRegion"], message));
    }
  }
  if (isPublic && home.network && (home.network.public ?? []).length === 0) {
    problems.push(
      problem(
        ["homeRegion"],
        `network.public of ${home.region} must not be empty: the load balancer is internet-facing`,
      ),
    );
  }
  return problems;
}

/** Checks that machines can install K3s: the default images do not contain it. */
function checkRelease({ images = {} }: AwsMachinesArgs, cluster: ClusterSpec): Problem[] {
  const machines = [cluster.serverDevice, ...cluster.nodePools.map(({ device }) => device)].filter(isInstanceType);
  const missing = [...new Set(machines.map(architectureOf))]
    .filter((architecture) => !images[architecture] && !cluster.k3s?.sha256?.[architecture])
    .sort();
  const files = missing.map((architecture) => `sha256sum-${architecture}.txt`).join(" and ");
  const message = `must have the SHA-256 of the binary for ${missing.join(" and ")}, because the default image does not contain K3s: copy it from ${files} of the release, or set images of AwsMachines`;
  return missing.length === 0 ? [] : [problem(["k3s", "sha256"], message)];
}

/** Checks that the bucket of the snapshots can be created in the home region. */
function checkBackup(args: AwsMachinesArgs, { backup, homeRegion }: ClusterSpec): Problem[] {
  if (!backup) return [];
  const { region, endpoint } = backup.s3;
  const home = args.sites[homeRegion]?.region;
  const problems: Problem[] = [];
  if (home !== undefined && region !== home) {
    const message = `must be ${formatValue(home)}, the home region, where the bucket is created, got ${formatValue(region)}`;
    problems.push(problem(["backup", "s3", "region"], message));
  }
  if (endpoint !== undefined) {
    const message = `must not be set, got ${formatValue(endpoint)}: the bucket is created in Amazon S3`;
    problems.push(problem(["backup", "s3", "endpoint"], message));
  }
  return problems;
}

/** Checks that no edge agent is on nodes whose names are not known before they exist. */
const checkEdgeAgents = ({ edgeAgents }: ClusterSpec): Problem[] =>
  edgeAgents.flatMap(({ nodePools }, index) =>
    nodePools.map((pool, at) => {
      const rule = "must not be a pool of instances, because each agent has a certificate and topics of its node";
      const remedy = "run agents on devices, or on an existing cluster with nodes.names";
      const message = `${rule}, got ${formatValue(pool)}, whose nodes are named after instances: ${remedy}`;
      return problem(["edgeAgents", index, "nodePools", at], message);
    }),
  );

/** Returns what cannot be created for a cluster, with paths relative to the cluster. */
export function checkCluster(args: AwsMachinesArgs, cluster: ClusterSpec): Problem[] {
  const known = Object.keys(args.sites);
  const problems: Problem[] = [];
  const sites = new Map(
    regionsOf(cluster).flatMap((region) => (args.sites[region] ? [[region, args.sites[region]]] : [])),
  );
  const home = args.sites[cluster.homeRegion];
  if (!home) problems.push(problem(["homeRegion"], describeUnknown("AWS site", cluster.homeRegion, known)));
  else problems.push(...checkHome(args, cluster, home));
  for (const [index, pool] of cluster.nodePools.entries()) {
    const path = ["nodePools", index];
    if (!args.sites[pool.region]) {
      problems.push(problem([...path, "region"], describeUnknown("AWS site", pool.region, known)));
    }
    problems.push(...checkPool(args, cluster, pool, path));
  }
  return [
    ...refuseExistingCluster(cluster),
    ...problems,
    ...checkRelease(args, cluster),
    ...checkBackup(args, cluster),
    ...checkEdgeAgents(cluster),
    ...checkPrograms(args, cluster),
    ...checkRegions(sites, cluster),
    ...checkOverlaps(cluster, sites),
    ...checkSubnets(args, cluster),
  ];
}
