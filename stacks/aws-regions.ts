import type { AwsSite } from "../components/nodes/aws/arguments";
import type { Region } from "../fleet/model";

interface AwsRegion extends Region {
  readonly site: AwsSite;
}

/**
 * Ten AWS regions: the city or state that AWS names each after, with its coordinates, and the availability zones that new
 * accounts can use. The ranges do not overlap, so that networks can be connected.
 */
const awsRegions: readonly AwsRegion[] = [
  { name: "frankfurt", latitude: 50.11, longitude: 8.68, site: { region: "eu-central-1", cidr: "10.64.0.0/20" } },
  { name: "london", latitude: 51.51, longitude: -0.13, site: { region: "eu-west-2", cidr: "10.64.16.0/20" } },
  { name: "stockholm", latitude: 59.33, longitude: 18.06, site: { region: "eu-north-1", cidr: "10.64.32.0/20" } },
  { name: "virginia", latitude: 38.95, longitude: -77.45, site: { region: "us-east-1", cidr: "10.65.0.0/20" } },
  { name: "oregon", latitude: 45.84, longitude: -119.7, site: { region: "us-west-2", cidr: "10.65.16.0/20" } },
  {
    name: "montreal",
    latitude: 45.5,
    longitude: -73.57,
    site: { region: "ca-central-1", cidr: "10.65.32.0/20", zones: ["a", "b", "d"] },
  },
  { name: "sao-paulo", latitude: -23.55, longitude: -46.63, site: { region: "sa-east-1", cidr: "10.65.48.0/20" } },
  {
    name: "tokyo",
    latitude: 35.68,
    longitude: 139.69,
    site: { region: "ap-northeast-1", cidr: "10.66.0.0/20", zones: ["a", "c", "d"] },
  },
  { name: "osaka", latitude: 34.69, longitude: 135.5, site: { region: "ap-northeast-3", cidr: "10.66.16.0/20" } },
  { name: "sydney", latitude: -33.87, longitude: 151.21, site: { region: "ap-southeast-2", cidr: "10.66.32.0/20" } },
];

/** The regions of a fleet in AWS. */
export const regions: readonly Region[] = awsRegions.map(({ name, latitude, longitude }) => ({
  name,
  latitude,
  longitude,
}));

/** Their AWS regions. */
export const sites: Readonly<Record<string, AwsSite>> = Object.fromEntries(
  awsRegions.map(({ name, site }) => [name, site]),
);
