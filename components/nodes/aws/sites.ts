import type { ClusterSpec, NodePoolSpec } from "../../../fleet/model";
import type { AwsPoolOptions, AwsSite } from "./arguments";

const DEFAULT_ZONES: readonly string[] = ["a", "b", "c"];

/** Returns the letters of a site's availability zones. */
export const siteZones = ({ zones = DEFAULT_ZONES }: AwsSite): readonly string[] => zones;

/** Returns the names of a site's availability zones, such as `eu-central-1a`. */
export const zoneNames = (site: AwsSite): readonly string[] => siteZones(site).map((letter) => site.region + letter);

/**
 * Returns the letter of a site's availability zone: `a` for `eu-central-1a`. Zones of the fleet have the names of AWS, because
 * the EBS CSI driver does not register on a node with another zone.
 */
export const zoneLetter = (site: AwsSite, zone: string): string | undefined =>
  siteZones(site).find((letter) => zone === site.region + letter);

/** Returns the bounds of a pool's size. */
export const limitsOf = (
  { count }: NodePoolSpec,
  { min = count, max = count }: AwsPoolOptions,
): { readonly min: number; readonly max: number } => ({ min, max });

/** Returns the regions of the fleet in which a cluster has machines, its home region first. */
export const regionsOf = ({ homeRegion, nodePools }: ClusterSpec): string[] => [
  ...new Set([homeRegion, ...nodePools.map(({ region }) => region)]),
];
