import type { Fleet } from "../../fleet/model";

/** What the largest device has in each dimension, in the units of the scheduler's arguments. */
export interface DeviceScale {
  /** Cores. */
  readonly cpu: number;
  /** 10^9 bytes. */
  readonly memoryGB: number;
  /** Random reads of 4 KiB a second. */
  readonly iops: number;
  /** 10^9 bits a second. */
  readonly networkGbps: number;
}

const BYTES_A_MIB = 2 ** 20;

/**
 * The largest of each that any node of the fleet has: on the scale of a data centre, all small devices would have the
 * same shape. Shared by all clusters, so that a score means the same in each.
 *
 * @returns undefined for a fleet without nodes
 */
export function largestDevice({ clusters }: Pick<Fleet, "clusters">): DeviceScale | undefined {
  const capacities = clusters.flatMap(({ nodePools }) => nodePools.map(({ capacity }) => capacity));
  if (capacities.length === 0) return undefined;
  const most = (of: (capacity: (typeof capacities)[number]) => number): number => Math.max(...capacities.map(of));
  return {
    cpu: most(({ cpuCores }) => cpuCores),
    memoryGB: most(({ memoryMiB }) => Math.ceil((memoryMiB * BYTES_A_MIB) / 1e8) / 10),
    iops: most(({ iops }) => iops),
    networkGbps: most(({ networkMbps }) => networkMbps / 1e3),
  };
}
