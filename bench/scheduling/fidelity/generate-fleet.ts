import { cloudRegions } from "../../../fleet/cloud-regions";
import { devices } from "../../../fleet/devices";
import { taints, values } from "../../../fleet/labels";
import { measuredLinks } from "../../../fleet/measured-links";
import type { FleetInput } from "../../../fleet/reading/schema";
import type { RandomChoice } from "./random-choice";

type Pool = FleetInput["clusters"][number]["nodePools"][number];

/** Home region of every generated cluster, so that all of them can use one server. */
export const HOME_REGION = "frankfurt";
/** Name of the one cluster of every generated fleet. */
export const CLUSTER = "generated";
/** Hardware of the server. */
const SERVER_DEVICE = "raspberry-pi-5";
const MOST_NODES = 60;

/** Values of the label `tier` of pools. */
export const TIERS = ["gold", "silver"] as const;
/** Devices of which some pools keep other pods away. */
export const DEVICES = Object.keys(devices).filter((name) => !name.includes("."));

function generateTaints(random: RandomChoice, device: string): NonNullable<Pool["taints"]> {
  return [
    ...(random.chance(0.15) ? [{ key: taints.dedicated, value: values.iot, effect: "NoSchedule" as const }] : []),
    ...(random.chance(0.15) ? [{ key: taints.deviceType, value: device, effect: "NoSchedule" as const }] : []),
    ...(random.chance(0.1) ? [{ key: "maintenance", value: "soon", effect: "PreferNoSchedule" as const }] : []),
  ];
}

function generatePool(random: RandomChoice, region: string, index: number, count: number): Pool {
  const device = random.of(DEVICES);
  const { capacity } = devices[device]!;
  return {
    name: `${region}-${index}`,
    region,
    zone: `${region}-${random.of(["a", "b"])}`,
    device,
    count,
    // Boards of one type differ in memory, so that fewer nodes have the same score.
    capacity: { ...capacity, memoryMiB: Math.floor(capacity.memoryMiB * (random.integer(40, 100) / 100)) },
    ...(random.chance(0.3) && { edgeNodeType: values.iotGateway }),
    labels: { tier: random.of(TIERS) },
    taints: generateTaints(random, device),
  };
}

/** Pools of one to three per region, with 5 to 60 nodes altogether. */
function generatePools(random: RandomChoice, regions: readonly string[]): Pool[] {
  const pools = regions.flatMap((region) =>
    Array.from({ length: random.integer(1, 3) }, (_, index) => ({ region, index })),
  );
  const nodes = random.integer(Math.max(5, pools.length), random.chance(0.3) ? MOST_NODES : 30);
  return pools.map(({ region, index }, position) => {
    const share = Math.floor(nodes / pools.length) + (position < nodes % pools.length ? 1 : 0);
    return generatePool(random, region, index, Math.max(1, share));
  });
}

/** Measured links, or random ones that need not be symmetric. */
function generateLinks(random: RandomChoice, regions: readonly string[]): FleetInput["links"] {
  if (random.chance(0.5)) return measuredLinks.filter(({ from, to }) => regions.includes(from) && regions.includes(to));
  return regions.flatMap((from) =>
    regions
      .filter((to) => to !== from)
      .map((to) => ({ from, to, rttMs: random.integer(2, 250), basis: "measured" as const, source: "generated" })),
  );
}

/** Generates a fleet of one cluster in one to six regions. */
export function generateFleet(random: RandomChoice): FleetInput {
  const others = cloudRegions.map(({ name }) => name).filter((name) => name !== HOME_REGION);
  const regions = [HOME_REGION, ...random.some(others, random.integer(0, 5))];
  return {
    name: CLUSTER,
    regions: cloudRegions.filter(({ name }) => regions.includes(name)),
    links: generateLinks(random, regions),
    clusters: [
      {
        name: CLUSTER,
        homeRegion: HOME_REGION,
        serverDevice: SERVER_DEVICE,
        nodePools: generatePools(random, regions),
      },
    ],
    workloads: {},
  };
}
