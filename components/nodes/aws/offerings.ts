import * as aws from "@pulumi/aws";

import type { ClusterSpec } from "../../../fleet/model";
import { formatPath, type Problem } from "../../../fleet/problem";
import { ROOT_DEVICE } from "./agents";
import type { AwsMachinesArgs } from "./arguments";
import { type Architecture, architectureOf } from "./instance-type";
import { imageOf } from "./machine-image";
import { siteZones, zoneLetter } from "./sites";

/** One use of an instance type in a cluster. */
interface Use {
  readonly path: readonly PropertyKey[];
  readonly instanceType: string;
  readonly region: string;
  /** Letters of the availability zones that need the type. */
  readonly zones: readonly string[];
}

function usesOf(args: AwsMachinesArgs, cluster: ClusterSpec): Use[] {
  const home = args.sites[cluster.homeRegion]!;
  const serverZones = home.network?.servers?.map(({ zone }) => zone) ?? siteZones(home);
  return [
    {
      path: ["serverDevice"],
      instanceType: cluster.serverDevice,
      region: home.region,
      zones: serverZones.slice(0, cluster.servers),
    },
    ...cluster.nodePools.flatMap((pool, index) => {
      const further = args.pools?.[`${cluster.name}/${pool.name}`]?.instanceTypes ?? [];
      return [pool.device, ...further].map((instanceType) => ({
        path: ["nodePools", index, "device"],
        instanceType,
        region: args.sites[pool.region]!.region,
        zones: [zoneLetter(pool.region, pool.zone)!],
      }));
    }),
  ];
}

/** What AWS calls the architectures. */
const AWS_ARCHITECTURE: Readonly<Record<Architecture, string>> = { amd64: "x86_64", arm64: "arm64" };

async function checkOfferings(region: string, uses: readonly Use[], provider: aws.Provider): Promise<Problem[]> {
  const values = [...new Set(uses.map(({ instanceType }) => instanceType))];
  const { instanceTypes, locations } = await aws.ec2.getInstanceTypeOfferings(
    { locationType: "availability-zone", filters: [{ name: "instance-type", values }] },
    { provider },
  );
  const offered = new Set(instanceTypes.map((type, index) => `${type} ${locations[index]}`));
  return uses.flatMap(({ path, instanceType, zones }) => {
    const missing = zones.filter((zone) => !offered.has(`${instanceType} ${region}${zone}`));
    if (missing.length === 0) return [];
    const elsewhere = locations.filter((_, index) => instanceTypes[index] === instanceType).sort();
    const where = elsewhere.length > 0 ? `in ${elsewhere.join(", ")}` : `nowhere in ${region}`;
    const wanted = missing.map((zone) => `${region}${zone}`).join(", ");
    return [
      { path: formatPath(path), message: `${instanceType} must be offered in ${wanted}: AWS offers it ${where}` },
    ];
  });
}

/** Checks the images that are given by their id: they exist, and have the architecture and the root device. */
async function checkImages(
  args: AwsMachinesArgs,
  region: string,
  uses: readonly Use[],
  provider: aws.Provider,
): Promise<Problem[]> {
  const architectures = [...new Set(uses.map(({ instanceType }) => architectureOf(instanceType)))];
  const problems = await Promise.all(
    architectures.map(async (architecture) => {
      const image = imageOf(args, architecture);
      if (!("id" in image)) return [];
      const path = formatPath(uses.find(({ instanceType }) => architectureOf(instanceType) === architecture)!.path);
      const { ids } = await aws.ec2.getAmiIds(
        { owners: ["self", "amazon", "aws-marketplace"], filters: [{ name: "image-id", values: [image.id] }] },
        { provider },
      );
      if (ids.length === 0) {
        return [
          { path, message: `image ${image.id} must exist in ${region}, and be owned by this account or by Amazon` },
        ];
      }
      const found = await aws.ec2.getAmi(
        { owners: ["self", "amazon", "aws-marketplace"], filters: [{ name: "image-id", values: [image.id] }] },
        { provider },
      );
      const expected = AWS_ARCHITECTURE[architecture];
      return [
        ...(found.architecture === expected
          ? []
          : [{ path, message: `image ${image.id} must have architecture ${expected}, got ${found.architecture}` }]),
        ...(found.rootDeviceName === ROOT_DEVICE
          ? []
          : [
              {
                path,
                message: `image ${image.id} must have the root device ${ROOT_DEVICE}, got ${found.rootDeviceName}`,
              },
            ]),
      ];
    }),
  );
  return problems.flat();
}

/** Checks that AWS offers what a cluster uses. Returns the problems with paths relative to the cluster. */
export async function checkAgainstAws(
  args: AwsMachinesArgs,
  cluster: ClusterSpec,
  providerIn: (region: string) => aws.Provider,
): Promise<Problem[]> {
  const uses = usesOf(args, cluster);
  const regions = [...new Set(uses.map(({ region }) => region))];
  const problems = await Promise.all(
    regions.map(async (region) => {
      const here = uses.filter((use) => use.region === region);
      const provider = providerIn(region);
      const found = await Promise.all([
        checkOfferings(region, here, provider),
        checkImages(args, region, here, provider),
      ]);
      return found.flat();
    }),
  );
  return problems.flat();
}
