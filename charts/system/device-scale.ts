import type { Fleet } from "../../fleet/model";

/** The largest amount of each resource on any device, in the units of the scheduler's arguments. */
export interface DeviceScale {
  /** Cores. */
  readonly cpu: number;
  /** 10^9 bytes. */
  readonly memoryGB: number;
  /** Random reads of 4 KiB per second. */
  readonly iops: number;
  /** 10^9 bits per second. */
  readonly networkGbps: number;
}

const BYTES_PER_MIB = 2 ** 20;

/**
 * Returns the largest amount of each resource on any node of the fleet. On the scale of a data center, all small
 * devices would have the same shape. All clusters use the same scale, so their scores are comparable.
 *
 * @returns undefined if the fleet has no nodes
 */
export function largestDevice({ clusters }: Pick<Fleet, "clusters">): DeviceScale | undefined {
  const capacities = clusters.flatMap(({ nodePools }) => nodePools.map(({ capacity }) => capacity));
  if (capacities.length === 0) return undefined;
  const most = (of: (capacity: (typeof capacities)[number]) => number): number => Math.max(...capacities.map(of));
  return {
    cpu: most(({ cpuCores }) => cpuCores),
    memoryGB: most(({ memoryMiB }) => Math.ceil((memoryMiB * BYTES_PER_MIB) / 1e8) / 10),
    iops: most(({ iops }) => iops),
    networkGbps: most(({ networkMbps }) => networkMbps / 1e3),
  };
}
