import type { ClusterSpec, NodePoolSpec } from "../../../fleet/model";
import type { AwsPoolOptions, AwsSite } from "./arguments";

const DEFAULT_ZONES: readonly string[] = ["a", "b", "c"];

/** Returns the letters of a site's availability zones. */
export const siteZones = ({ zones = DEFAULT_ZONES }: AwsSite): readonly string[] => zones;

/** Returns the letter of the availability zone that a zone of the fleet stands for: `a` for `frankfurt-a`. */
export function zoneLetter(region: string, zone: string): string | undefined {
  const letter = zone.startsWith(`${region}-`) ? zone.slice(region.length + 1) : "";
  return /^[a-z]$/.test(letter) ? letter : undefined;
}

/** Returns the bounds of a pool's size. */
export const limitsOf = (
  { count }: NodePoolSpec,
  { min = count, max = count }: AwsPoolOptions,
): { readonly min: number; readonly max: number } => ({ min, max });

/** Returns the regions of the fleet in which a cluster has machines, its home region first. */
export const regionsOf = ({ homeRegion, nodePools }: ClusterSpec): string[] => [
  ...new Set([homeRegion, ...nodePools.map(({ region }) => region)]),
];
